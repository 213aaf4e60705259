"""The Courant number of an equation at a state."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.equations.base import Equation
from neuralpde.grids import Grid

__all__ = ["courant_number"]

# Half the distance of the difference quotient of f; exact for quadratic fluxes.
_OFFSET = 1e-3


class _SpeedProbe(Derivatives):
    """Records max |f′|/Δx, summed over the axes, wherever the equation transports; every derivative is zero."""

    def __init__(self, grid: Grid) -> None:
        self.grid, self.ndim, self.space_axes = grid, grid.ndim, grid.ndim
        self.rates: list[Tensor] = []

    def _record(self, speeds: Sequence[Field | None]) -> None:
        per_axis = [torch.as_tensor(s).abs() / dx for s, dx in zip(speeds, self.grid.spacing, strict=True) if s is not None]
        if per_axis:
            self.rates.append(sum(per_axis[1:], start=per_axis[0]).amax())

    def dx(self, u: Field, axis: int = 0, order: int = 1) -> Field:
        del axis, order
        return 0.0 * u

    def solve_poisson(self, f: Field) -> Field:
        raise TypeError("courant_number: a non-local velocity is not supported, got solve_poisson; use ExponentialRungeKutta.")

    def advect(self, velocity: Sequence[Field | None], u: Field) -> Field:
        self._record(velocity)
        return 0.0 * u

    def convect(self, flux: Callable[[Field], tuple[Field, ...]], u: Field, speed: Callable[[Field], tuple[Field, ...]] | None = None) -> Field:
        if speed is not None:
            self._record(speed(u))
        else:
            pairs = zip(flux(u + _OFFSET), flux(u - _OFFSET), strict=True)
            self._record([(above - below) / (2 * _OFFSET) for above, below in pairs])
        return 0.0 * u


@torch.no_grad()
def courant_number(lifted: Equation, u: Tensor, grid: Grid, step: float) -> float:
    """Largest Σ_axes |f′(u)| step/Δx over a batch; 0 if the nonlinear part transports nothing.

    Args:
        lifted: the equation with lifted coefficients.
        u: state ``(batch, channel, *space)``.
        grid: its spacing is used.
        step: internal time step.

    Limits: for a system the default, a derivative along ones, is not the spectral radius; such an equation must tell ``convect`` its speed.
    """
    probe = _SpeedProbe(grid)
    lifted.nonlinear(u, probe)
    return step * max((float(rate) for rate in probe.rates), default=0.0)
