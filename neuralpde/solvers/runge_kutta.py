"""Explicit Runge–Kutta methods, with fixed steps or with embedded error control."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from neuralpde.derivatives import FiniteDifference, Fourier, analyse
from neuralpde.derivatives.base import Derivatives
from neuralpde.equations.base import Equation
from neuralpde.grids import Grid
from neuralpde.rollout import Stepper
from neuralpde.solvers.adaptive_march import AdaptiveMarch, attempt
from neuralpde.solvers.step_control import StepControl
from neuralpde.solvers.tableaus import DORMAND_PRINCE, Tableau

__all__ = ["RungeKutta", "Statistics"]


@dataclass(frozen=True, eq=False)
class Statistics:
    """Work of one output step.

    Args:
        accepted: steps taken by each trajectory, ``(batch,)``.
        rejected: attempts thrown away, ``(batch,)``.
        evaluations: right-hand sides computed for the whole batch.
    """

    accepted: Tensor
    rejected: Tensor
    evaluations: int


class RungeKutta(Stepper):
    r"""Explicit Runge–Kutta on uₜ = rhs(u, t), with any derivative provider.

    With ``substeps`` the steps are fixed. Without, an embedded method controls the error, and every trajectory has a step size of its own:
    one that has reached the end of the output step is frozen, and none is influenced by its neighbours in the batch.

    Args:
        equation: any equation.
        grid: where the state lives.
        dt: output step.
        tableau: method; error control needs one with ``error_weights``.
        derivatives: provider; by default dealiased ``Fourier`` on periodic grids and ``FiniteDifference`` of order 4 elsewhere.
        substeps: fixed internal steps per output step; None for error control.
        control: tolerances.
        device: where to compute.

    Attributes:
        statistics: work of the most recent call, None before the first.

    Raises:
        ValueError: substeps below 1, or error control with a tableau that has no embedded method.
        FloatingPointError: more attempts than ``control.max_steps``, or a state that is not finite.

    Limits: stiff terms force tiny steps; use an exponential solver. No boundary condition is imposed. Gradients treat the chosen step sizes
    as constants.

    Reference: Hairer, Nørsett & Wanner, *Solving Ordinary Differential Equations I* (1993), section II.4.
    """

    statistics: Statistics | None = None

    def __init__(
        self,
        equation: Equation,
        grid: Grid,
        dt: float,
        *,
        tableau: Tableau = DORMAND_PRINCE,
        derivatives: Derivatives | None = None,
        substeps: int | None = None,
        control: StepControl | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        if substeps is not None and substeps < 1:
            raise ValueError(f"RungeKutta: substeps needs to be at least 1, got {substeps}; give a positive number, or None for error control.")
        if substeps is None and not tableau.error_weights:
            raise ValueError(
                f"RungeKutta: error control needs a tableau with an embedded method, got one of order {tableau.order} without; "
                "give substeps, or use DORMAND_PRINCE or BOGACKI_SHAMPINE."
            )
        self.equation, self.grid, self.dt = equation, grid, dt
        self.tableau, self.substeps, self.control = tableau, substeps, control or StepControl()
        self.derivatives = derivatives if derivatives is not None else _default_provider(equation, grid, device)

    def __call__(self, u: Tensor, t: float = 0.0) -> Tensor:
        """See :class:`~neuralpde.rollout.Stepper`."""
        if self.substeps is None:
            march = AdaptiveMarch(self._rhs, self.tableau, self.control, self.dt)
            u = march.run(u, t)
            self.statistics = Statistics(march.accepted, march.rejected, march.evaluations)
            return u
        h = self.dt / self.substeps
        for step in range(self.substeps):
            u, _, _ = attempt(self._rhs, self.tableau, u, t + step * h, h, self._rhs(u, t + step * h))
        taken = torch.full((u.shape[0],), self.substeps, device=u.device)
        self.statistics = Statistics(taken, torch.zeros_like(taken), self.substeps * len(self.tableau.nodes))
        return u

    def _rhs(self, u: Tensor, t: float | Tensor) -> Tensor:
        return self.equation.rhs(u, self.derivatives.at(t))


def _default_provider(equation: Equation, grid: Grid, device: torch.device | str | None) -> Derivatives:
    if all(grid.periodic):
        return Fourier(grid, dealias=analyse(equation, grid.ndim).dealias, device=device)
    return FiniteDifference(grid, device=device)
