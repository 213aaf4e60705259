"""Time marching inside the loss."""

from __future__ import annotations

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.losses.physics.differentiation import Differentiation
from neuralpde.losses.physics.residual_loss import ResidualLoss, squares
from neuralpde.problems import Problem, Solution

__all__ = ["Causal", "causal_weights"]


class Causal(ResidualLoss):
    r"""Σ wᵢ Lᵢ / M over M slices of time, where Lᵢ is the mean square residual of a slice and  wᵢ = exp(−ε Σ_{k<i} L_k).

    A slice counts only once the ones before it are solved, as in any time stepper; without it a network can be right late and wrong early.

    Args:
        differentiation: gives the derivatives.
        slices: M.
        tolerance: ε; slices open when the losses before them sum to less than about 1/ε.

    Raises:
        ValueError: a problem without time.

    Limits: slices without points count as solved.

    Reference: Wang, Sankaran & Perdikaris, Respecting causality is all you need for training physics-informed neural networks, 2022.
    """

    def __init__(self, differentiation: Differentiation, *, slices: int = 16, tolerance: float = 1.0) -> None:
        super().__init__(differentiation)
        self.slices, self.tolerance = slices, tolerance

    @override
    def contributions(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator) -> Tensor:
        return squares(self.residual(problem, u, x, generator))

    @override
    def __call__(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator, weights: Tensor | None = None) -> Tensor:
        if not problem.has_time:
            raise ValueError(f"Causal: needs a problem with time, got {type(problem).__name__}; use MeanSquare.")
        square = self.contributions(problem, u, x, generator)
        square = square if weights is None else weights * square
        start, end = (corner[-1] for corner in problem.domain.bounds)
        index = ((x[:, -1] - start) / (end - start) * self.slices).long().clamp(0, self.slices - 1)
        count = torch.zeros(self.slices, dtype=square.dtype, device=x.device).index_add(0, index, torch.ones_like(square))
        losses = torch.zeros_like(count).index_add(0, index, square) / count.clamp(min=1)
        return (causal_weights(losses, self.tolerance) * losses).mean()


def causal_weights(losses: Tensor, tolerance: float) -> Tensor:
    """wᵢ = exp(−ε Σ_{k<i} L_k), detached, ``(slices,)``."""
    losses = losses.detach()
    return torch.exp(-tolerance * (losses.cumsum(0) - losses))
