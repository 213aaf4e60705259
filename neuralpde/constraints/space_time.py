"""The grid of a whole trajectory: time is an axis like the others."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from neuralpde.grids import Grid

__all__ = ["SpaceTime"]


@dataclass(frozen=True, eq=False)
class SpaceTime:
    """Frames at given times on a grid.

    A field on it is ``(*lead, time, *space)``; a trajectory ``(batch, time, channel, *space)``.

    Args:
        times: equidistant times of the frames, ``(time,)``, the first one that of the initial state.
        grid: nodes of every frame.
    """

    times: Tensor
    grid: Grid

    @property
    def shape(self) -> tuple[int, ...]:
        """(time, *space)."""
        return (len(self.times), *self.grid.shape)

    @property
    def num_points(self) -> int:
        """Number of points, frames times nodes."""
        return math.prod(self.shape)

    @property
    def periodic(self) -> tuple[bool, ...]:
        """Which axes close on themselves; time does not."""
        return (False, *self.grid.periodic)

    def as_grid(self) -> Grid:
        """The same points as one grid with time as its first axis, for networks that take space and time together."""
        start, end = float(self.times[0]), float(self.times[-1])
        return Grid(self.shape, (start, *self.grid.lower), (end, *self.grid.upper), self.periodic, ("uniform", *self.grid.nodes))

    def coordinates(self, flat: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Time and space coordinates, float64, of points given by their flat index."""
        first, *rest = torch.unravel_index(flat, self.shape)
        times = self.times.to(device=flat.device, dtype=torch.float64)
        nodes = [self.grid.coordinates(axis, device=flat.device) for axis in range(self.grid.ndim)]
        return times[first], tuple(values[index] for values, index in zip(nodes, rest, strict=True))

    def flat(self) -> Tensor:
        """Flat index of every point, ``(time, *space)``."""
        return torch.arange(self.num_points).reshape(self.shape)
