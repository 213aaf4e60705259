"""Trajectories on disk and on their way into training."""

from neuralpde.data.datamodule import TrajectoryDataModule
from neuralpde.data.file_datamodule import FileDataModule
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
