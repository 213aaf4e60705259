"""Colour scales of pictures that show a reference, a prediction and their difference."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["MAP", "limits"]

MAP = "RdBu_r"
"""Diverging, so that zero is white."""


def limits(ref: NDArray, pred: NDArray) -> tuple[float, float]:
    """Symmetric limits: of reference and prediction, set by the reference, and of the error, by its largest finite value."""
    size = float(np.abs(ref).max()) or 1.0
    error = np.abs(pred - ref)
    finite = error[np.isfinite(error)]
    return size, float(finite.max()) if finite.size and finite.max() > 0 else size
