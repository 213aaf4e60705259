"""Time derivatives of stored trajectories, on top of any grid provider."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.derivatives.stencils import Stencil, difference
from neuralpde.grids import Grid

__all__ = ["Trajectory"]


class Trajectory(Derivatives):
    """Derivatives of ``(batch, time, channel, *space)``: time by finite differences, space by another provider.

    Args:
        space: a provider of grid values; used as it is, with the time axis added to what it lifts.
        times: equidistant times of the frames, ``(time,)``, at least ``order + 2`` of them.
        order: order of accuracy in time, even; the first and last frames use one-sided differences.

    Limits: the residual of an exact trajectory is O(dt^order), not zero.
    """

    lead = 2

    def __init__(self, space: Derivatives, times: Tensor, *, order: int = 4) -> None:
        start, end = times[0].item(), times[-1].item()
        steps = times.diff()
        if not torch.allclose(steps, steps[:1], rtol=1e-5, atol=0):
            raise ValueError(f"Trajectory: times need to be equidistant, got steps from {steps.min():.3g} to {steps.max():.3g}; resample the frames.")
        self.ndim, self.space_axes, self.x = space.ndim, space.space_axes, tuple(x.unsqueeze(1) for x in space.x)
        self.t = times.view(1, -1, 1, *(1,) * space.space_axes)
        self.space = copy.copy(space)
        self.space.lead, self.space.t, self.space.x = 2, self.t, self.x
        axis = Grid((len(times),), start, end, periodic=False)
        self._difference: Stencil = difference(axis, 0, 1, order).on(times.device)

    def dt(self, u: Field) -> Field:
        """∂u/∂t."""
        return self._difference(u, -self.space_axes - 2)

    def at(self, t: Any) -> Trajectory:
        """Refused: the frames have their own times."""
        raise TypeError(f"Trajectory: at needs a state at one instant, got a trajectory and t={t}; use the space provider.")

    def dx(self, u: Field, axis: int = 0, order: int = 1) -> Field:
        """∂ᵒʳᵈᵉʳu/∂x_axisᵒʳᵈᵉʳ."""
        return self.space.dx(u, axis, order)

    def laplacian(self, u: Field) -> Field:
        """Δu."""
        return self.space.laplacian(u)

    def biharmonic(self, u: Field) -> Field:
        """Δ²u."""
        return self.space.biharmonic(u)

    def diffuse(self, diffusivity: Field, u: Field) -> Field:
        """∇·(a ∇u)."""
        return self.space.diffuse(diffusivity, u)

    def advect(self, velocity: Sequence[Field | None], u: Field) -> Field:
        """v·∇u."""
        return self.space.advect(velocity, u)

    def convect(self, flux: Callable[[Field], tuple[Field, ...]], u: Field, speed: Callable[[Field], tuple[Field, ...]] | None = None) -> Field:
        """∇·flux(u)."""
        return self.space.convect(flux, u, speed)

    def mean(self, u: Field, axis: int | None = None) -> Field:
        """Mean over space, at every time."""
        return self.space.mean(u, axis)

    def solve_poisson(self, f: Field) -> Field:
        """ψ with Δψ = f, at every time."""
        return self.space.solve_poisson(f)

    def lift(self, coefficient: Any) -> Any:
        """As everywhere, with an axis for time; a callable sees all times at once."""
        return self.space.lift(coefficient)
