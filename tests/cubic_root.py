"""The root of x³ + θx = 1 at θ = 2, whose derivatives are known."""

from __future__ import annotations

import torch
from torch import Tensor

from neuralpde.implicit import custom_root

__all__ = ["DERIVATIVES", "THETA", "optimality", "plain_solver", "solve"]

THETA = torch.tensor(2.0, dtype=torch.float64)
DERIVATIVES = (-0.17327023, 0.10122163, -0.04941962)
"""First, second, third derivative of the root by θ, from implicit differentiation by hand, to eight digits."""


def optimality(x: Tensor, theta: Tensor) -> Tensor:
    return x**3 + theta * x - 1


def plain_solver(init: Tensor, theta: Tensor) -> Tensor:
    x = init
    for _ in range(50):
        x = x - optimality(x, theta) / (3 * x**2 + theta)
    return x


attached = custom_root(optimality)(plain_solver)


def solve(theta: Tensor) -> Tensor:
    """Root from the start 1."""
    return attached(torch.ones_like(theta), theta)
