"""Exponential integrators in Fourier space."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from neuralpde.derivatives import Fourier, LazyFourier, analyse
from neuralpde.equations.base import Equation
from neuralpde.grids import Grid
from neuralpde.rollout import Stepper
from neuralpde.solvers.exponential_tableaus import ETDRK1, ETDRK2, ETDRK3, ETDRK4, ExponentialTableau, Phi
from neuralpde.solvers.lifted import LiftedInTime
from neuralpde.solvers.linear_flow import diagonal_symbol
from neuralpde.solvers.phi_functions import phi_functions

__all__ = ["ExponentialRungeKutta"]

_BY_ORDER = (ETDRK1, ETDRK2, ETDRK3, ETDRK4)


class ExponentialRungeKutta(Stepper):
    r"""Pseudo-spectral exponential time differencing for uₜ = Lu + N(u, t) on a periodic box in any dimension.

    L is integrated exactly through its symbol, each trajectory with its own; N is interpolated in time, evaluated on the grid and
    dealiased by the fraction 2/(p + 1) that belongs to its degree p. Between output steps the state stays in Fourier space. Without a
    nonlinear part the result is exact.

    Args:
        equation: its linear part must not couple channels.
        grid: periodic in every axis.
        dt: output step.
        substeps: internal steps per output step.
        order: 1 to 4, the methods ETDRK1–4 of Cox & Matthews.
        dealias: fraction of the modes kept; by default what the degree of the equation demands.
        device: where to compute.

    Raises:
        ValueError: substeps below 1, an order outside 1…4, a linear part that couples channels.
        FloatingPointError: the solution is no longer finite.

    Limits: smooth solutions only; a shock rings. The modes beyond the dealiasing fraction are removed from the state. A coefficient that
    requires gradients enters the coefficients when the solver is built: build a new one for each backward pass. Order 4 shows only
    once h times the nonlinear rates of the resolved modes is small; stiff forcing reduces it.

    Reference: Cox & Matthews, *Exponential time differencing for stiff systems*, J. Comput. Phys. 176 (2002); Kassam & Trefethen,
    *Fourth-order time-stepping for stiff PDEs*, SIAM J. Sci. Comput. 26 (2005).
    """

    def __init__(
        self,
        equation: Equation,
        grid: Grid,
        dt: float,
        *,
        substeps: int = 1,
        order: Literal[1, 2, 3, 4] = 4,
        dealias: float | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        if substeps < 1 or order not in (1, 2, 3, 4):
            raise ValueError(f"ExponentialRungeKutta: needs substeps >= 1 and an order from 1 to 4, got substeps={substeps}, order={order}; change them.")
        self.equation, self.grid, self.dt, self.substeps = equation, grid, dt, substeps
        self.tableau = _BY_ORDER[order - 1]
        fraction = analyse(equation, grid.ndim).dealias if dealias is None else dealias
        self.derivatives = Fourier(grid, dealias=fraction, device=device)
        self._lazy = LazyFourier(grid, dealias=fraction, device=device)
        exponents = diagonal_symbol(equation, grid, owner="ExponentialRungeKutta", device=device)
        self._factors = _Factors(exponents * (dt / substeps), self.tableau, dt / substeps)

    def __call__(self, u: Tensor, t: float = 0.0) -> Tensor:
        """See :class:`~neuralpde.rollout.Stepper`."""
        lifted = LiftedInTime(self.equation, self._lazy)
        u_hat = self._lazy.forward(u)
        for step in range(self.substeps):
            u_hat = self._step(u_hat, lifted, t, step)
        self._check_finite(u_hat, t)
        return self._lazy.values(u_hat).to(u.dtype)

    def _check_finite(self, u_hat: Tensor, t: float) -> None:
        # One sum sees every NaN and infinity, at a fraction of the cost of an elementwise test.
        if not math.isfinite(abs(complex(u_hat.detach().sum()))):
            raise FloatingPointError(
                f"ExponentialRungeKutta: the state at t = {t + self.dt:g} needs to be finite, got NaN or infinity; "
                f"use more than {self.substeps} substeps or a finer grid."
            )

    def _step(self, u_hat: Tensor, lifted: LiftedInTime[LazyFourier], t: float, step: int) -> Tensor:
        h = self.dt / self.substeps
        slopes: list[Tensor | float] = []
        for i, node in enumerate(self.tableau.nodes):
            stage = self._combine(u_hat, slopes, self._factors.flows[i], self._factors.stages[i])
            equation, d = lifted.at(t + (step + node) * h)
            slopes.append(d.transform(equation.nonlinear(d.field(spectrum=stage), d)))
        return self._combine(u_hat, slopes, self._factors.flow, self._factors.weights)

    @staticmethod
    def _combine(u_hat: Tensor, slopes: list[Tensor | float], flow: Tensor | None, row: tuple[Tensor | None, ...]) -> Tensor:
        total = u_hat if flow is None else flow * u_hat
        for factor, slope in zip(row, slopes, strict=True):
            if factor is not None and isinstance(slope, Tensor):
                total = torch.addcmul(total, factor, slope)
        return total


class _Factors:
    """The coefficients of a tableau for given z = hL, in the layout of the spectrum."""

    def __init__(self, z: Tensor, tableau: ExponentialTableau, step: float) -> None:
        self._step = step
        fractions = {1.0, *tableau.nodes} - {0.0}
        self._phi = {fraction: phi_functions(fraction * z, 3) for fraction in fractions}
        self.flow: Tensor = self._phi[1.0][0]
        self.flows = tuple(None if node == 0 else self._phi[node][0] for node in tableau.nodes)
        self.stages = tuple(tuple(self._combination(entry) for entry in row) for row in tableau.stages)
        self.weights = tuple(self._combination(entry) for entry in tableau.weights)

    def _combination(self, entry: Phi) -> Tensor | None:
        if not entry:
            return None
        return self._step * torch.stack([weight * self._phi[fraction][k] for weight, k, fraction in entry]).sum(dim=0)
