"""Explicit Runge–Kutta with an integrating factor: upwind transport beside stiff linear terms."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from neuralpde.derivatives.base import Derivatives
from neuralpde.derivatives.weno import Weno
from neuralpde.equations.base import Equation
from neuralpde.grids import Grid
from neuralpde.rollout import Stepper
from neuralpde.solvers.courant import courant_number
from neuralpde.solvers.lifted import LiftedInTime
from neuralpde.solvers.linear_flow import NoFlow, linear_flow
from neuralpde.solvers.tableaus import RK4, Tableau

__all__ = ["IntegratingFactorRungeKutta"]


class IntegratingFactorRungeKutta(Stepper):
    r"""Solves uₜ = Lu + N(u, t) by a Runge–Kutta method for w = exp(−tL) u:

        Yᵢ = e^{cᵢhL} u + h Σⱼ aᵢⱼ e^{(cᵢ−cⱼ)hL} N(Yⱼ),   u⁺ = e^{hL} u + h Σᵢ bᵢ e^{(1−cᵢ)hL} N(Yᵢ).

    The linear part is exact for any stiffness, each trajectory with its own coefficients; what remains is explicit and obeys the Courant
    number of the transport. Without a linear part it is the plain Runge–Kutta scheme. With the default provider it is a finite-volume
    method: the state holds cell averages, mass is conserved to round-off, shocks stay sharp.

    Args:
        equation: its linear part must have a diagonal symbol.
        grid: periodic.
        dt: output step.
        substeps: internal steps per output step; the number is fixed, so that trajectories of a batch do not influence each other.
        derivatives: provider for the nonlinear part; ``Weno(grid)`` with the sonic point of the equation by default.
        tableau: explicit method. With a linear part its nodes must not decrease, as in ``RK4`` and ``SSPRK3_FORWARD``.
        max_courant: largest Courant number accepted at the start of an output step; the tableau's own by default.
        device: where to compute.

    Raises:
        ValueError: substeps below 1, nodes that decrease beside a linear part, or a Courant number that is too large.
        FloatingPointError: the state is not finite.

    Limits: an integrating factor does not preserve steady balances of L and N. Its error constant grows with ‖hL‖ on the modes that the
    forcing keeps alive; for smooth solutions ``ExponentialRungeKutta`` is more accurate at equal steps. A coefficient that requires
    gradients enters the factors when the solver is built: build a new one for each backward pass.

    Reference: Isherwood, Grant & Gottlieb, *Strong stability preserving integrating factor Runge–Kutta methods*, SIAM J. Numer. Anal. 56 (2018).
    """

    grid: Grid

    def __init__(
        self,
        equation: Equation,
        grid: Grid,
        dt: float,
        *,
        substeps: int = 1,
        derivatives: Derivatives | None = None,
        tableau: Tableau = RK4,
        max_courant: float | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        if substeps < 1:
            raise ValueError(f"IntegratingFactorRungeKutta: substeps needs to be at least 1, got {substeps}; give a positive number.")
        self.equation, self.grid, self.dt, self.substeps, self.tableau = equation, grid, dt, substeps, tableau
        self.max_courant = tableau.courant if max_courant is None else max_courant
        self.derivatives = derivatives if derivatives is not None else Weno(grid, sonic=_sonic_point(equation), device=device)
        self._flow = linear_flow(equation, grid, dt / substeps, owner="IntegratingFactorRungeKutta", device=device)
        if not tableau.moves_forward and not isinstance(self._flow, NoFlow):
            raise ValueError(
                f"IntegratingFactorRungeKutta: beside a linear part the nodes of the tableau must not decrease, got {tableau.nodes}; use RK4 or SSPRK3_FORWARD."
            )

    def __call__(self, u: Tensor, t: float = 0.0) -> Tensor:
        """See :class:`~neuralpde.rollout.Stepper`."""
        h = self.dt / self.substeps
        lifted = LiftedInTime(self.equation, self.derivatives)
        self._check_courant(lifted.at(t)[0], u, t, h)
        modes = self._flow.enter(u)
        for step in range(self.substeps):
            modes = self._step(modes, lifted, t, step)
        return self._flow.leave(modes).to(u.dtype)

    def _step(self, modes: Tensor, lifted: LiftedInTime[Derivatives], t: float, step: int) -> Tensor:
        h, nodes = self.dt / self.substeps, self.tableau.nodes
        slopes: list[Tensor] = []
        for node, row in zip(nodes, self.tableau.stages, strict=True):
            stage = self._flow.leave(self._combine(modes, slopes, row, node))
            equation, d = lifted.at(t + (step + node) * h)
            slope = equation.nonlinear(stage, d)
            slopes.append(self._flow.enter(slope if isinstance(slope, Tensor) else torch.full_like(stage, slope)))
        return self._combine(modes, slopes, self.tableau.weights, 1.0)

    def _combine(self, modes: Tensor, slopes: list[Tensor], row: tuple[float, ...], node: float) -> Tensor:
        """e^{node hL} u + h Σⱼ rowⱼ e^{(node − cⱼ)hL} Nⱼ."""
        h = self.dt / self.substeps
        total = self._flow(modes, node)
        for weight, slope, start in zip(row, slopes, self.tableau.nodes, strict=False):
            if weight:
                total = torch.add(total, self._flow(slope, node - start), alpha=weight * h)
        return total

    def _check_courant(self, lifted: Equation, u: Tensor, t: float, h: float) -> None:
        number = courant_number(lifted, u, self.grid, h)
        if not math.isfinite(number):
            raise FloatingPointError(
                f"IntegratingFactorRungeKutta: the state at t = {t:g} needs to be finite, got NaN or infinity; use more than {self.substeps} substeps."
            )
        if number > self.max_courant:
            enough = math.ceil(self.substeps * number / self.max_courant)
            raise ValueError(
                f"IntegratingFactorRungeKutta: the Courant number must not exceed {self.max_courant:g}, got {number:.3g} at t = {t:g} "
                f"with {self.substeps} substeps; use {enough} substeps or more."
            )


def _sonic_point(equation: Equation) -> float | Tensor:
    """Where f′ vanishes, if the equation says so."""
    sonic = getattr(equation, "sonic", None)
    return 0.0 if sonic is None else sonic()
