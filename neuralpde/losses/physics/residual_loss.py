"""What is made of residuals: one number that is zero on the solution."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from typing_extensions import override

from neuralpde.derivatives import ReverseMode
from neuralpde.losses.physics.differentiation import ByReverseMode, Differentiation, by_points
from neuralpde.problems import Problem, Solution

__all__ = ["GradientEnhanced", "IndependentDraws", "MeanSquare", "ResidualLoss"]


class ResidualLoss(nn.Module, ABC):
    """A loss of the residual inside the domain. What it adapts is held in buffers, so that a checkpoint has it.

    Args:
        differentiation: gives the derivatives.
    """

    def __init__(self, differentiation: Differentiation) -> None:
        super().__init__()
        self.differentiation = differentiation

    @abstractmethod
    def contributions(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator) -> Tensor:
        """What each point adds to the loss, ``(points,)``."""

    def forward(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator, weights: Tensor | None = None) -> Tensor:
        """The mean over points, a scalar.

        Args:
            problem: what is to be solved.
            u: the solution so far.
            x: points inside, ``(points, coordinates)``.
            generator: for random directions.
            weights: of the points, ``(points,)``, such as those of importance sampling; None for equal ones.
        """
        contributions = self.contributions(problem, u, x, generator)
        return contributions.mean() if weights is None else (weights * contributions).mean()

    def after_step(self) -> dict[str, Tensor | float]:
        """Adapt to the step that was made, and return numbers worth logging, by name; nothing by default."""
        return {}

    def residual(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator) -> Tensor:
        """One (estimate of the) residual, ``(points, …)``."""
        return self.differentiation.residual(problem, u, x, generator)


class MeanSquare(ResidualLoss):
    r"""mean r², summed over fields.

    Limits: with an estimated operator it is biased,  E r̂² = r² + Var r̂: it also presses on the spread of the derivatives that are sampled.
    """

    @override
    def contributions(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator) -> Tensor:
        return squares(self.residual(problem, u, x, generator))


class IndependentDraws(ResidualLoss):
    r"""mean r̂₁ r̂₂ with independent estimates r̂₁, r̂₂ at the same points: E r̂₁ r̂₂ = r², and its gradient is that of r², in the mean.

    Limits: twice the work; the loss of a single step can be negative.

    Reference: Shi, Hu, Lin & Kawaguchi, Stochastic Taylor derivative estimator, 2024, equation 25. Both factors are differentiated here; with a gradient
    through one of them alone the step would be half as long.
    """

    @override
    def contributions(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator) -> Tensor:
        first, second = (self.residual(problem, u, x, generator) for _ in range(2))
        return (first * second).reshape(len(x), -1).sum(-1)


class GradientEnhanced(ResidualLoss):
    r"""mean r² + w mean |∇r|² over all coordinates, the time included.

    Args:
        weight: w ≥ 0.

    Limits: exact derivatives by reverse mode only; one order more than the equation has.

    Reference: Yu, Lu, Meng & Karniadakis, Gradient-enhanced physics-informed neural networks for forward and inverse PDE problems, 2022.
    """

    def __init__(self, weight: float = 0.01) -> None:
        super().__init__(ByReverseMode())
        self.weight = weight

    @override
    def contributions(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator) -> Tensor:
        leaf = x.detach().requires_grad_()
        residual = by_points(_residual_at(problem, u, leaf), len(x)).reshape(len(x), -1)
        gradients = [torch.autograd.grad(part.sum(), leaf, create_graph=True)[0] for part in residual.unbind(-1)]
        return squares(residual) + self.weight * squares(torch.stack(gradients, dim=1))


def _residual_at(problem: Problem, u: Solution, leaf: Tensor) -> Tensor:
    """The residual as a function of points on the tape, its source included."""
    columns = [column.reshape(1, 1, -1) for column in leaf.unbind(-1)]
    d = ReverseMode(columns[:-1], t=columns[-1]) if problem.has_time else ReverseMode(columns)
    field = u(torch.cat(columns, dim=1).squeeze(0).T).reshape(len(leaf), -1).T.unsqueeze(0)
    return problem.residual(field, d, leaf)


def squares(residual: Tensor) -> Tensor:
    """Square of each point's residual, summed over its parts, ``(points,)``."""
    return residual.reshape(len(residual), -1).square().sum(-1)
