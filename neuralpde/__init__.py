"""Neural PDE solvers and operator learning: verified data, trained models, honest scores."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neuralpde.pretrained import available, load_pretrained

__all__ = ["__version__", "available", "load_pretrained"]

try:
    __version__ = version("neuralpde")
except PackageNotFoundError:  # the source tree is on the path without being installed
    __version__ = "0+unknown"

_HOMES = {"available": "neuralpde.pretrained", "load_pretrained": "neuralpde.pretrained"}


def __getattr__(name: str) -> Any:
    """Import on first use, so that ``import neuralpde`` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'neuralpde' has no attribute {name!r}; import it from its own module, for example neuralpde.models.")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
