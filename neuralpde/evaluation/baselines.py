"""Forecasts that know nothing: what every model must beat before its error means anything."""

from __future__ import annotations

import torch
from torch import Tensor

from neuralpde.grids import Grid, PointSet
from neuralpde.rollout import Stepper

__all__ = ["Mean", "Persistence", "Zero"]


class Persistence(Stepper):
    """Nothing changes: u(t + Δt) = u(t).

    Args:
        grid: where the state lives.
        dt: time between frames.
    """

    def __init__(self, grid: Grid | PointSet, dt: float) -> None:
        self.grid, self.dt = grid, dt

    def __call__(self, u: Tensor, t: float = 0.0) -> Tensor:
        """See :class:`~neuralpde.rollout.Stepper`."""
        del t
        return u


class Zero(Persistence):
    """The field vanishes at once: u(t + Δt) = 0. Its error is the mean square of the reference."""

    def __call__(self, u: Tensor, t: float = 0.0) -> Tensor:
        """See :class:`~neuralpde.rollout.Stepper`."""
        del t
        return torch.zeros_like(u)


class Mean(Persistence):
    """The field relaxes at once to its spatial mean, channel by channel: u(t + Δt) = ⟨u(t)⟩ (plain mean over nodes)."""

    def __call__(self, u: Tensor, t: float = 0.0) -> Tensor:
        """See :class:`~neuralpde.rollout.Stepper`."""
        del t
        return u.mean(dim=tuple(range(2, u.ndim)), keepdim=True).expand_as(u)
