"""The wave equation between two ends, exact in time."""

from __future__ import annotations

import torch
from torch import Tensor

from neuralpde.boundaries import DIRICHLET
from neuralpde.derivatives.chebyshev import Chebyshev
from neuralpde.equations.wave import Wave
from neuralpde.grids import Grid
from neuralpde.rollout import Stepper
from neuralpde.solvers.wave_modes import WaveModes

__all__ = ["ChebyshevWave"]


class ChebyshevWave(Stepper):
    r"""Chebyshev collocation of uₜ = v, vₜ = c² uₓₓ with pinned ends and no error in time.

    The end nodes are not unknowns: u = v = 0 at a Dirichlet end, and at a Neumann end they follow from the boundary row of the
    differentiation matrix. The remaining operator has the decomposition −V diag(ω²) V⁻¹, in which one step is

        â(t + dt) = cos(cω dt) â + sin(cω dt)/(cω) b̂,   b̂(t + dt) = −cω sin(cω dt) â + cos(cω dt) b̂

    for the coefficients â, b̂ of u, v. Every mode keeps its energy, so nothing drifts however long the run.

    Args:
        equation: its speed is a number or ``(batch,)``.
        grid: one bounded axis of Chebyshev nodes, at least 5.
        dt: output step.
        left: flag of the lower end, 0 Dirichlet or 1 Neumann, a number or ``(batch,)``.
        right: flag of the upper end.
        device: where to compute.

    Shape: states ``(batch, 2, x)``.

    Raises:
        ValueError: another grid, a flag other than 0 and 1, or a speed that varies in space.

    Limits: speed constant in space, homogeneous ends. An initial state that violates the boundary condition is projected at the first
    step. A free–free string with net momentum translates, as it should.

    Reference: Gottlieb & Lustman, *The spectrum of the Chebyshev collocation operator for the heat equation*, SIAM J. Numer. Anal. 20
    (1983), prove the ω² to be real and distinct.
    """

    def __init__(
        self,
        equation: Wave,
        grid: Grid,
        dt: float,
        *,
        left: float | Tensor = DIRICHLET,
        right: float | Tensor = DIRICHLET,
        device: torch.device | str | None = None,
    ) -> None:
        self.equation, self.grid, self.dt = equation, grid, dt
        self.derivatives = Chebyshev(grid, device=device)
        self._speed = _constant_speed(equation, self.derivatives.x[0])
        self._left, self._right = (_checked_flag(flag, name) for flag, name in ((left, "left"), (right, "right")))
        pairs = {(a, b) for a in self._left.tolist() for b in self._right.tolist()}
        self._modes = {pair: WaveModes(self.derivatives.matrix, *pair) for pair in sorted(pairs)}

    def __call__(self, u: Tensor, t: float = 0.0) -> Tensor:
        """See :class:`~neuralpde.rollout.Stepper`."""
        del t
        batch = u.shape[0]
        left, right, speed = (value.expand(batch) for value in (self._left, self._right, self._speed))
        advanced = torch.zeros_like(u)
        for pair, modes in self._modes.items():
            rows = torch.nonzero((left == pair[0]) & (right == pair[1])).squeeze(1)
            if rows.numel():
                step = modes.advance(u[rows].double(), speed[rows].to(u.device), self.dt)
                advanced = advanced.index_copy(0, rows, step.to(u.dtype))
        return advanced


def _checked_flag(flag: float | Tensor, name: str) -> Tensor:
    values = torch.as_tensor(flag, dtype=torch.float64).reshape(-1)
    if not bool(((values == 0) | (values == 1)).all()):
        raise ValueError(f"ChebyshevWave: {name} needs flags 0 (Dirichlet) or 1 (Neumann), got {values.tolist()}; choose one of them.")
    return values


def _constant_speed(equation: Wave, like: Tensor) -> Tensor:
    speed = equation.speed
    if not isinstance(speed, (int, float)) and not (isinstance(speed, Tensor) and speed.ndim <= 1):
        raise ValueError(f"ChebyshevWave: speed needs to be a number or (batch,), got {type(speed).__name__}; use another solver for a speed that varies.")
    return torch.as_tensor(speed, dtype=torch.float64, device=like.device).reshape(-1)
