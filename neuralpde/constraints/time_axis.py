"""The frames that an operator predicts at once."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["TimeAxis"]


@dataclass(frozen=True)
class TimeAxis:
    """Equidistant frames after an initial one, and the unit in which a network is told their times.

    Args:
        horizon: frames after the initial one.
        dt: time between frames.
        scale: time that maps to one, normally the end of the training trajectories.

    Raises:
        ValueError: an entry that is not positive.
    """

    horizon: int
    dt: float
    scale: float

    def __post_init__(self) -> None:
        if min(self.horizon, self.dt, self.scale) <= 0:
            found = f"horizon={self.horizon}, dt={self.dt} and scale={self.scale}"
            raise ValueError(f"TimeAxis: needs positive numbers, got {found}; take them from the data.")

    def times(self, *, start: float = 0.0, num_frames: int | None = None) -> Tensor:
        """Times of the initial frame and of those after it, float64; ``num_frames`` of them, or ``horizon + 1``."""
        count = self.horizon + 1 if num_frames is None else num_frames
        return start + self.dt * torch.arange(count, dtype=torch.float64)

    def scaled(self, times: Tensor) -> Tensor:
        """Times since the first one in units of ``scale``; later frames than those of the training lie above one."""
        return (times - times[0]) / self.scale
