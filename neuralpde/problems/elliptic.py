"""Semilinear elliptic problems in the unit ball, in up to a million dimensions, with known solutions."""

from __future__ import annotations

import torch
from torch import Tensor

from neuralpde.equations import Semilinear
from neuralpde.problems.base import BoundaryValue, Problem
from neuralpde.problems.domains import Ball
from neuralpde.problems.envelopes import BallEnvelope
from neuralpde.problems.interactions import Interaction

__all__ = ["EllipticBall"]

BLOCK = 2**20
"""Numbers that are squared at a time."""


class EllipticBall(Problem):
    r"""Δu + f(u) = g in the unit ball, u = 0 on the sphere, with the solution  u* = (1 − |x|²) Q(x).

    The source follows from the closed forms of Q,  g = (1 − |x|²) ΔQ − 4 x·∇Q − 2d Q + f(u*), so no derivative of the solution is estimated.

    Args:
        equation: Δu + f(u).
        interaction: Q; its coefficients are part of the problem.
        radial_power: law of the radius of the points, see :class:`~neuralpde.problems.Ball`; 1 is that of the published runs. Training and
            evaluation points share it.
        constrained: multiply the network by 1 − |x|²; otherwise the boundary values are a term of the loss.

    Shape: points ``(points, d)`` → ``(points,)``.

    Limits: a constant times 1 − |x|² is close to u* in many dimensions. Scores are therefore relative to the best one.

    Reference: Hu, Shukla, Karniadakis & Kawaguchi, Tackling the curse of dimensionality with physics-informed neural networks, 2024; Shi, Hu, Lin &
    Kawaguchi, Stochastic Taylor derivative estimator, 2024, appendix I.1.
    """

    equation: Semilinear  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, equation: Semilinear, interaction: Interaction, *, radial_power: float | None = 1.0, constrained: bool = True) -> None:
        super().__init__()
        self.equation, self.interaction = equation, interaction
        ndim = len(interaction.coefficients) + interaction.bodies - 1
        self.domain = Ball(ndim, radial_power=radial_power)
        if constrained:
            self.envelope = BallEnvelope()
        else:
            self.conditions = (BoundaryValue(self.domain, lambda x: x.new_zeros(len(x))),)

    def source(self, x: Tensor) -> Tensor:
        """g; intermediate results are small, however many points and coordinates there are."""
        height = _height(x)
        value, radial, laplacian = self.interaction.expansion(x)
        return height * laplacian - 4.0 * radial - 2.0 * x.shape[1] * value + self.equation.reaction(height * value)

    def exact(self, x: Tensor) -> Tensor:
        """u*."""
        return _height(x) * self.interaction(x)

    def baseline(self, x: Tensor) -> Tensor:
        """1 − |x|²."""
        return _height(x)


def _height(x: Tensor) -> Tensor:
    return torch.cat([1.0 - block.square().sum(-1) for block in x.split(max(1, BLOCK // x.shape[1]))])
