"""The terms of a physics-informed loss together."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from neuralpde.losses.physics.residual_loss import ResidualLoss, squares
from neuralpde.losses.physics.weighting import Fixed, Weighting
from neuralpde.problems import Problem

__all__ = ["PhysicsLoss"]


class PhysicsLoss(nn.Module):
    r"""L = λ_r L_r + Σᵢ λᵢ mean|misfitᵢ|²: the residual inside, every condition of the problem at points of its own.

    Args:
        residual: L_r.
        weighting: the λ.
        condition_points: points per condition and step.
    """

    def __init__(self, residual: ResidualLoss, *, weighting: Weighting | None = None, condition_points: int = 100) -> None:
        super().__init__()
        self.residual, self.weighting, self.condition_points = residual, weighting or Fixed(), condition_points

    def terms(self, problem: Problem, network: nn.Module, x: Tensor, generator: torch.Generator, weights: Tensor | None = None) -> dict[str, Tensor]:
        """Each term, unweighted: ``residual`` and the conditions by name.

        Args:
            problem: what is to be solved.
            network: the solution so far.
            x: points inside, ``(points, coordinates)``.
            generator: on the CPU; draws the points of the conditions, then the directions of estimates.
            weights: of the points inside, ``(points,)``; None for equal ones.
        """
        drawn = self._condition_points(problem, x, generator)
        terms = {"residual": self.residual(problem, network, x, generator, weights)}
        for condition in problem.conditions:
            terms[condition.name] = squares(condition.misfit(network, drawn[condition.name])).mean()
        return terms

    def residuals(self, problem: Problem, network: nn.Module, x: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
        """What is squared in each term, ``(points, …)``, at the points of :meth:`terms` for the same arguments."""
        drawn = self._condition_points(problem, x, generator)
        found = {"residual": self.residual.residual(problem, network, x, generator)}
        return found | {condition.name: condition.misfit(network, drawn[condition.name]) for condition in problem.conditions}

    def _condition_points(self, problem: Problem, x: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
        return {condition.name: condition.sample(self.condition_points, generator, x.dtype).to(x.device) for condition in problem.conditions}
