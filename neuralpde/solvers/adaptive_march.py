"""One output step by an embedded Runge–Kutta method, each trajectory with steps of its own."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from neuralpde.solvers.step_control import StepControl
from neuralpde.solvers.tableaus import Tableau

__all__ = ["AdaptiveMarch", "Rhs", "attempt"]

Rhs = Callable[[Tensor, "float | Tensor"], Tensor]


def attempt(rhs: Rhs, tableau: Tableau, u: Tensor, t: float | Tensor, h: float | Tensor, slope: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """One step of an explicit method.

    Args:
        rhs: right-hand side.
        tableau: method.
        u: state.
        t: time; a tensor that broadcasts against the state gives each trajectory its own.
        h: step, likewise.
        slope: ``rhs(u, t)``.

    Returns:
        The new state, the estimate of its error (zero without an embedded method), and the last stage.
    """
    slopes = [slope]
    for node, row in zip(tableau.nodes[1:], tableau.stages[1:], strict=True):
        slopes.append(rhs(u + h * _combination(row, slopes), t + node * h))
    error = h * _combination(tableau.error_weights, slopes) if tableau.error_weights else torch.zeros_like(u)
    return u + h * _combination(tableau.weights, slopes), error, slopes[-1]


def _combination(weights: tuple[float, ...], slopes: list[Tensor]) -> Tensor:
    terms = [(w, k) for w, k in zip(weights, slopes, strict=True) if w]
    total = terms[0][0] * terms[0][1]
    for w, k in terms[1:]:
        total = torch.add(total, k, alpha=w)
    return total


class AdaptiveMarch:
    """Attempts until every trajectory has reached the end; those that have are carried along with steps of length zero.

    Args:
        rhs: right-hand side of ``(batch, channel, *space)`` and a time that broadcasts against it.
        tableau: method with error weights.
        control: tolerances.
        span: length of the output step.

    Attributes:
        accepted: steps taken by each trajectory.
        rejected: attempts thrown away.
        evaluations: right-hand sides computed.
    """

    def __init__(self, rhs: Rhs, tableau: Tableau, control: StepControl, span: float) -> None:
        self.rhs, self.tableau, self.control, self.span = rhs, tableau, control, span
        self.evaluations = 0

    def run(self, u: Tensor, t: float) -> Tensor:
        """The state at ``t + span``.

        Raises:
            FloatingPointError: too many attempts, or a state that is not finite.
        """
        batch = (-1, *(1,) * (u.ndim - 1))
        slope = self._evaluate(u, t)
        h = self.control.first_step(slope.detach(), u.detach(), self.span)
        elapsed, held_back = torch.zeros_like(h), torch.zeros_like(h, dtype=torch.bool)
        self.accepted = self.rejected = torch.zeros_like(h, dtype=torch.long)
        while bool((active := elapsed < self.span).any()):
            self._check_progress(h, active, t)
            step = self._next_step(h, self.span - elapsed)
            new, error, last = attempt(self._evaluate, self.tableau, u, t + elapsed.view(batch), step.view(batch), slope)
            norm = self.control.norm(error.detach(), u.detach(), new.detach())
            good = active & (norm <= 1)
            u = torch.where(good.view(batch), new, u)
            elapsed = torch.where(good, torch.where(step >= self.span - elapsed, self.span, elapsed + step), elapsed)
            fresh = last if self.tableau.first_same_as_last else self._evaluate(u, t + elapsed.view(batch))
            slope = torch.where(good.view(batch), fresh, slope)
            h = torch.where(active, step * self.control.factor(norm, self.tableau.order, held_back), h)
            held_back = active & ~good
            self.accepted, self.rejected = self.accepted + good, self.rejected + held_back
        return u

    def _evaluate(self, u: Tensor, t: float | Tensor) -> Tensor:
        self.evaluations += 1
        return self.rhs(u, t)

    @staticmethod
    def _next_step(h: Tensor, remaining: Tensor) -> Tensor:
        """The proposal, or what remains; a remainder of less than two steps is halved, which avoids a sliver at the end."""
        return torch.where(h >= remaining, remaining, torch.where(2 * h > remaining, remaining / 2, h))

    def _check_progress(self, h: Tensor, active: Tensor, t: float) -> None:
        attempts = int((self.accepted + self.rejected).max())
        smallest = float(h[active].min())
        if attempts >= self.control.max_steps:
            raise FloatingPointError(
                f"RungeKutta: the output step from t = {t:g} needs at most {self.control.max_steps} attempts, got step sizes down to {smallest:.2g}; "
                "the problem is stiff or the tolerance too tight, use an exponential solver or raise max_steps."
            )
        if not smallest > 1e-13 * self.span:
            raise FloatingPointError(
                f"RungeKutta: a finite state needs finite slopes, got a step of {smallest:.2g} after rejections at t = {t:g}; "
                "the solution blows up or the initial state is not finite, check it."
            )
