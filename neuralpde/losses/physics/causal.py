"""Time marching inside the loss."""

from __future__ import annotations

from collections.abc import Sequence

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

    With a small ε all slices are open from the start, with a large one only the first is for very long. So ε is annealed: the tolerances are used in turn,
    the next one as soon as the smallest weight exceeds δ after a step. Which one is in use is a buffer, so a resumed training goes on with it.

    Args:
        differentiation: gives the derivatives.
        slices: M.
        tolerances: the ε in turn; slices open when the losses before them sum to less than about 1/ε, so ε has the units of an inverse squared residual.
        threshold: δ, in (0, 1).

    Raises:
        ValueError: no tolerance; a problem without time.

    Limits: slices without points count as solved. With few points per slice the smallest weight is noisy, and one lucky step is enough to go on. The last
    slice does not enter any weight. The published algorithm ends the training when δ is passed with the last ε; here the number of steps does.

    Reference: Wang, Sankaran & Perdikaris, Respecting causality is all you need for training physics-informed neural networks, 2022, with δ = 0.99 and
    ε = 0.01, 0.1, 1, 10, 100 for a grid of points that stays.
    """

    stage: Tensor
    smallest: Tensor

    def __init__(self, differentiation: Differentiation, *, slices: int = 16, tolerances: Sequence[float] = (1.0,), threshold: float = 0.99) -> None:
        super().__init__(differentiation)
        if not tolerances:
            raise ValueError("Causal: tolerances needs at least one number, got none; give [1.0] for one that stays.")
        self.slices, self.tolerances, self.threshold = slices, tuple(tolerances), threshold
        self.register_buffer("stage", torch.zeros((), dtype=torch.long))
        self.register_buffer("smallest", torch.zeros(()), persistent=False)

    @property
    def tolerance(self) -> float:
        """The ε in use."""
        return self.tolerances[int(self.stage)]

    @override
    def contributions(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator) -> Tensor:
        return squares(self.residual(problem, u, x, generator))

    @override
    def forward(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator, weights: Tensor | None = None) -> Tensor:
        if not problem.has_time:
            raise ValueError(f"Causal: needs a problem with time, got {type(problem).__name__}; use MeanSquare.")
        square = self.contributions(problem, u, x, generator)
        square = square if weights is None else weights * square
        start, end = (corner[-1] for corner in problem.domain.bounds)
        index = ((x[:, -1] - start) / (end - start) * self.slices).long().clamp(0, self.slices - 1)
        count = torch.zeros(self.slices, dtype=square.dtype, device=x.device).index_add(0, index, torch.ones_like(square))
        losses = torch.zeros_like(count).index_add(0, index, square) / count.clamp(min=1)
        found = causal_weights(losses, self.tolerance)
        self.smallest.copy_(found[-1])
        return (found * losses).mean()

    @override
    def after_step(self) -> dict[str, Tensor | float]:
        """Go on to the next ε if every slice was open at the last evaluation; logs the smallest weight and the ε it belongs to."""
        numbers = {"causal_smallest_weight": self.smallest.clone(), "causal_tolerance": self.tolerance}
        if self.smallest > self.threshold and self.stage < len(self.tolerances) - 1:
            self.stage += 1
        return numbers


def causal_weights(losses: Tensor, tolerance: float) -> Tensor:
    """wᵢ = exp(−ε Σ_{k<i} L_k), detached, ``(slices,)``."""
    losses = losses.detach()
    return torch.exp(-tolerance * (losses.cumsum(0) - losses))
