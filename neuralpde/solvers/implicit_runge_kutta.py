"""Implicit Runge–Kutta for stiff equations between two ends."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from neuralpde.boundaries import Boundary, Neumann
from neuralpde.derivatives import FiniteDifference
from neuralpde.equations.base import Equation
from neuralpde.grids import Grid
from neuralpde.rollout import Stepper
from neuralpde.solvers.implicit_tableaus import ESDIRK32, ImplicitTableau
from neuralpde.solvers.step_control import StepControl
from neuralpde.solvers.tridiagonal import solve_tridiagonal

__all__ = ["ImplicitRungeKutta", "ThreePointOperator"]


@dataclass(frozen=True, eq=False)
class ThreePointOperator:
    """The right-hand side of an equation on a bounded axis with three-point differences, and its tridiagonal Jacobian.

    Args:
        equation: its terms reach one neighbour on either side: derivatives up to order two.
        derivatives: second-order differences on the grid with one ghost node at either end.
        left: condition at the lower end.
        right: condition at the upper end.
        spacing: distance of the nodes.
    """

    equation: Equation
    derivatives: FiniteDifference
    left: Boundary
    right: Boundary
    spacing: float

    def __call__(self, u: Tensor) -> Tensor:
        """Right-hand side of ``(batch, 1, x)``."""
        extended = self.right.extend(self.left.extend(u, 1, side="lower", spacing=self.spacing), 1, side="upper", spacing=self.spacing)
        return self.equation.rhs(extended, self.derivatives)[..., 1:-1]

    def jacobian(self, u: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Lower, main and upper diagonal, each like ``u``: three directional derivatives, since every third column may share one."""
        n = u.shape[-1]
        column = torch.arange(n, device=u.device)
        with torch.enable_grad():
            point = u.detach().requires_grad_()
            value = self(point)
            rows = [torch.autograd.grad(value, point, (column % 3 == phase).to(u).expand_as(u), retain_graph=phase < 2)[0] for phase in range(3)]
        # Row i of the transposed product holds the only entry of column i among the rows i−1, i, i+1 of that phase.
        stacked = torch.stack(rows)

        def from_row(shift: int) -> Tensor:
            return stacked.gather(0, ((column + shift) % 3).expand_as(u).unsqueeze(0))[0]

        above, main, below = from_row(-1), from_row(0), from_row(1)
        return below.roll(1, -1), main, above.roll(-1, -1)


class ImplicitRungeKutta(Stepper):
    r"""Diagonally implicit Runge–Kutta on uₜ = rhs(u) with second-order differences between two ends, each trajectory with steps of its own.

    Every stage is solved by Newton's method with the exact tridiagonal Jacobian. A trajectory that has reached the end of the output step is
    frozen, and none is influenced by its neighbours in the batch. The end nodes are unknowns like the others: ghosts by reflection pull a
    Dirichlet end to its value within about Δx²/D, which an L-stable method takes in one step.

    Args:
        equation: one channel, derivatives up to order two, no explicit dependence on time.
        grid: one bounded uniform axis.
        dt: output step.
        left: condition at the lower end.
        right: condition at the upper end.
        tableau: a stiffly accurate method.
        control: tolerances; the error estimate of the embedded method obeys them.
        substeps: fixed internal steps per output step; None for error control.
        newton_tolerance: largest Newton update, relative to the size of the state, at which a stage counts as solved.
        device: where to compute.

    Raises:
        ValueError: another kind of grid, or error control with a tableau that has no embedded method.
        FloatingPointError: Newton fails at the smallest step, or more attempts than ``control.max_steps``.

    Limits: second order in space; an initial state that contradicts the boundary condition costs accuracy in the first frames only.

    Reference: Kennedy & Carpenter, "Additive Runge–Kutta schemes for convection–diffusion–reaction equations", Appl. Numer. Math. 44 (2003).
    """

    def __init__(
        self,
        equation: Equation,
        grid: Grid,
        dt: float,
        *,
        left: Boundary | None = None,
        right: Boundary | None = None,
        tableau: ImplicitTableau = ESDIRK32,
        control: StepControl | None = None,
        substeps: int | None = None,
        newton_tolerance: float = 1e-10,
        device: torch.device | str | None = None,
    ) -> None:
        if grid.ndim != 1 or grid.periodic[0] or not grid.uniform[0]:
            raise ValueError(f"ImplicitRungeKutta: needs one bounded uniform axis, got a grid {grid.shape}, periodic {grid.periodic}; use another solver.")
        if substeps is None and not tableau.error_weights:
            raise ValueError(f"ImplicitRungeKutta: error control needs an embedded method, got one of order {tableau.order} without; give substeps.")
        self.equation, self.grid, self.dt = equation, grid, dt
        self.tableau, self.control, self.substeps, self.newton_tolerance = tableau, control or StepControl(), substeps, newton_tolerance
        dx = grid.spacing[0]
        extended = Grid((grid.shape[0] + 2,), grid.lower[0] - dx, grid.upper[0] + dx, periodic=False)
        self.derivatives = FiniteDifference(grid, order=2, device=device)
        self.operator = ThreePointOperator(equation, FiniteDifference(extended, order=2, device=device), left or Neumann(), right or Neumann(), dx)

    def __call__(self, u: Tensor, t: float = 0.0) -> Tensor:
        """See :class:`~neuralpde.rollout.Stepper`."""
        del t
        u = u.expand(*u.shape[:-1], self.grid.shape[0]).to(torch.float64)
        if self.substeps is None:
            return self._adaptive(u)
        step = torch.full((u.shape[0], 1, 1), self.dt / self.substeps, dtype=u.dtype, device=u.device)
        for _ in range(self.substeps):
            u, _, solved = self._attempt(u, step)
            if not bool(solved.all()):
                raise FloatingPointError(f"ImplicitRungeKutta: Newton needs to converge, got a step of {step[0, 0, 0]:.2g} that fails; take more substeps.")
        return u

    def _adaptive(self, u: Tensor) -> Tensor:
        slope = self.operator(u)
        h = self.control.first_step(slope, u, self.dt)
        elapsed, held_back = torch.zeros_like(h), torch.zeros_like(h, dtype=torch.bool)
        for _ in range(self.control.max_steps):
            remaining = self.dt - elapsed
            active = remaining > 0
            if not bool(active.any()):
                return u
            step = torch.where(h >= remaining, remaining, torch.where(2 * h > remaining, remaining / 2, h))
            new, error, solved = self._attempt(u, step.view(-1, 1, 1))
            norm = torch.where(solved, self.control.norm(error, u, new), torch.inf)
            good = active & (norm <= 1)
            u = torch.where(good.view(-1, 1, 1), new, u)
            elapsed = torch.where(good, torch.where(step >= remaining, self.dt, elapsed + step), elapsed)
            h = torch.where(active, step * self.control.factor(norm, self.tableau.order, held_back), h)
            held_back = active & ~good
        raise FloatingPointError(
            f"ImplicitRungeKutta: an output step needs at most {self.control.max_steps} attempts, got stuck with steps down to {float(h.min()):.2g}; "
            "loosen the tolerances or check the initial state."
        )

    def _attempt(self, u: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One step of size ``h`` ``(batch, 1, 1)``: the new state, its estimated error, and where Newton converged."""
        slopes: list[Tensor] = []
        solved = torch.ones(u.shape[0], dtype=torch.bool, device=u.device)
        stage = u
        for row in self.tableau.stages:
            known = sum((h * a * k for a, k in zip(row[:-1], slopes, strict=True)), start=u)
            if row[-1]:
                stage, fine = self._solve_stage(stage, known, h * row[-1])
                solved = solved & fine
                # From the stage equation, not from rhs: a stiff rhs would amplify what Newton has left.
                slopes.append((stage - known) / torch.where(h > 0, h * row[-1], 1.0))
            else:
                slopes.append(self.operator(u))
        error = sum((h * e * k for e, k in zip(self.tableau.error_weights, slopes, strict=False)), start=torch.zeros_like(u))
        return stage, error, solved

    def _solve_stage(self, guess: Tensor, known: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """Y = known + h rhs(Y) by Newton, and which trajectories converged."""
        y, change = guess, torch.full((len(guess),), torch.inf, dtype=guess.dtype, device=guess.device)
        size = known.abs().amax(dim=(1, 2)).clamp(min=1e-3)
        for _ in range(8):
            lower, diagonal, upper = self.operator.jacobian(y)
            update = solve_tridiagonal(-h * lower, 1 - h * diagonal, -h * upper, known + h * self.operator(y) - y)
            y = y + update
            change = update.abs().amax(dim=(1, 2)) / size
            if bool((change < self.newton_tolerance).all()):
                break
        return y, torch.lt(change, max(self.newton_tolerance, 1e-8))
