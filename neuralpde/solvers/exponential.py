"""Exponential integrators in Fourier space."""

from __future__ import annotations

import copy
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
    nonlinear part the result is exact. Computes in the precision of the state.

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
        self._dealias, self._device = fraction, device
        exponents = diagonal_symbol(equation, grid, owner="ExponentialRungeKutta", device=device)
        self._factors = _Factors(self._provider(torch.float64).multiplier(exponents) * (dt / substeps), self.tableau, dt / substeps)
        # A cache, not state: provider and factors in other precisions.
        self._engines: dict[torch.dtype, tuple[LazyFourier, _Factors]] = {}

    def _provider(self, dtype: torch.dtype) -> LazyFourier:
        return LazyFourier(self.derivatives.grid, dealias=self._dealias, device=self._device, dtype=dtype)

    def _engine(self, dtype: torch.dtype) -> tuple[LazyFourier, _Factors]:
        if dtype not in self._engines:
            self._engines[dtype] = self._provider(dtype), self._factors.to(dtype.to_complex())
        return self._engines[dtype]

    def __call__(self, u: Tensor, t: float = 0.0) -> Tensor:
        """See :class:`~neuralpde.rollout.Stepper`; computes in the precision of ``u``."""
        provider, factors = self._engine(u.dtype)
        lifted = LiftedInTime(self.equation, provider)
        u_hat = provider.forward(u)
        for step in range(self.substeps):
            u_hat = self._step(u_hat, lifted, factors, t, step)
        self._check_finite(u_hat, t)
        return provider.values(u_hat)

    def _check_finite(self, u_hat: Tensor, t: float) -> None:
        # One sum sees every NaN and infinity, at a fraction of the cost of an elementwise test.
        if not math.isfinite(abs(complex(u_hat.detach().sum()))):
            raise FloatingPointError(
                f"ExponentialRungeKutta: the state at t = {t + self.dt:g} needs to be finite, got NaN or infinity; "
                f"use more than {self.substeps} substeps or a finer grid."
            )

    def _step(self, u_hat: Tensor, lifted: LiftedInTime[LazyFourier], factors: _Factors, t: float, step: int) -> Tensor:
        h = self.dt / self.substeps
        slopes: list[Tensor | float] = []
        # Stages at the same node start from the same flow of the state.
        carried = {node: u_hat if flow is None else flow * u_hat for node, flow in factors.flows.items()}
        for node, row in zip(self.tableau.nodes, factors.stages, strict=True):
            equation, d = lifted.at(t + (step + node) * h)
            stage = d.resolved(_combined(carried[node], row, slopes))
            slopes.append(d.transform(equation.nonlinear(stage, d)))
        return _combined(carried[1.0], factors.weights, slopes)


def _combined(start: Tensor, row: tuple[Tensor | None, ...], slopes: list[Tensor | float]) -> Tensor:
    """start + Σ row · slopes; entries without a factor or a slope are skipped."""
    for factor, slope in zip(row, slopes, strict=True):
        if factor is not None and isinstance(slope, Tensor):
            start = torch.addcmul(start, factor, slope)
    return start


class _Factors:
    """The coefficients of a tableau for given z = hL, in the layout of the provider's coefficients.

    Attributes:
        flows: φ₀ by node, None for the identity.
        stages: factors of the slopes, one row per stage.
        weights: factors of the slopes in the result.
    """

    def __init__(self, z: Tensor, tableau: ExponentialTableau, step: float) -> None:
        phi = {fraction: phi_functions(fraction * z, 3) for fraction in {1.0, *tableau.nodes} - {0.0}}

        def combination(entry: Phi) -> Tensor | None:
            return step * torch.stack([weight * phi[fraction][k] for weight, k, fraction in entry]).sum(dim=0) if entry else None

        self.flows: dict[float, Tensor | None] = {0.0: None, **{fraction: values[0] for fraction, values in phi.items()}}
        self.stages = tuple(tuple(combination(entry) for entry in row) for row in tableau.stages)
        self.weights = tuple(combination(entry) for entry in tableau.weights)

    def to(self, dtype: torch.dtype) -> _Factors:
        """A copy in another precision."""
        other = copy.copy(self)
        other.flows = {node: _cast(flow, dtype) for node, flow in self.flows.items()}
        other.stages = tuple(tuple(_cast(factor, dtype) for factor in row) for row in self.stages)
        other.weights = tuple(_cast(factor, dtype) for factor in self.weights)
        return other


def _cast(factor: Tensor | None, dtype: torch.dtype) -> Tensor | None:
    return None if factor is None else factor.to(dtype)
