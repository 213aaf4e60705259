"""Trajectories on disk and on their way into training."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from neuralpde.data.generation import generate
from neuralpde.data.inspection import Inspection, inspect_file
from neuralpde.data.recipe import from_recipe, to_recipe
from neuralpde.data.scenario import Draw, SameAs, Scenario
from neuralpde.data.schema import DataFileError, Header
from neuralpde.data.shards import Shard
from neuralpde.data.spec import DataSpec
from neuralpde.data.trajectory_file import TrajectoryFile
from neuralpde.data.view import View
from neuralpde.data.windows import Trajectories, Window

if TYPE_CHECKING:
    from neuralpde.data.datamodule import TrajectoryDataModule
    from neuralpde.data.file_datamodule import FileDataModule

__all__ = [
    "DataFileError",
    "DataSpec",
    "Draw",
    "FileDataModule",
    "Header",
    "Inspection",
    "SameAs",
    "Scenario",
    "Shard",
    "Trajectories",
    "TrajectoryDataModule",
    "TrajectoryFile",
    "View",
    "Window",
    "from_recipe",
    "generate",
    "inspect_file",
    "to_recipe",
]

_NEED_LIGHTNING = {"FileDataModule": "neuralpde.data.file_datamodule", "TrajectoryDataModule": "neuralpde.data.datamodule"}


def __getattr__(name: str) -> Any:
    """Import on first use: Lightning takes seconds, and reading a file or loading a network needs none of it."""
    if name not in _NEED_LIGHTNING:
        raise AttributeError(f"module 'neuralpde.data' has no attribute {name!r}; see neuralpde.data.__all__.")
    return getattr(import_module(_NEED_LIGHTNING[name]), name)
