"""Karush–Kuhn–Tucker conditions as roots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

__all__ = ["kkt"]


def kkt(
    objective: Callable[..., Tensor], *, equality: Callable[..., Tensor] | None = None, inequality: Callable[..., Tensor] | None = None
) -> Callable[..., tuple[Any, ...]]:
    r"""Conditions of  min f(x) subject to h(x) = 0, g(x) ≤ 0:  (∇f + νᵀ∇h + λᵀ∇g,  h,  λ ∘ g).

    The unknown is the tuple (x, ν, λ) with only the multipliers of the constraints that are given; so is the value. Each function takes its own parameters,
    which follow the unknown in the order objective, equality, inequality: F((x, ν, λ), θ_f, θ_h, θ_g).

    Args:
        objective: f(x, θ_f), a number.
        equality: h(x, θ_h), zero when satisfied.
        inequality: g(x, θ_g), at most zero when satisfied.

    Limits: g ≤ 0 and λ ≥ 0 are not part of the root, so strict complementarity is assumed: no constraint is active with multiplier zero, where the
    derivative jumps. The matrix is indefinite, so no conjugate gradients; redundant constraints make it singular.

    Example:
        >>> F = kkt(lambda x, c: (x * x).sum() / 2 - c @ x, equality=lambda x, b: x.sum(-1, keepdim=True) - b)
        >>> one = torch.ones(2)
        >>> [part.tolist() for part in F((one / 2, one[:1] / 2), one, one[:1])]
        [[0.0, 0.0], [0.0]]
    """
    constraints = [constraint for constraint in (equality, inequality) if constraint is not None]

    def conditions(unknown: tuple[Any, ...], *theta: Any) -> tuple[Any, ...]:
        x, *multipliers = unknown
        of_objective, *of_constraints = theta

        def lagrangian(x: Any) -> tuple[Tensor, list[Tensor]]:
            values = [constraint(x, parameters) for constraint, parameters in zip(constraints, of_constraints, strict=True)]
            bound = sum(((m * v).sum() for m, v in zip(multipliers, values, strict=True)), torch.zeros(()))
            return objective(x, of_objective).sum() + bound, values

        gradient, values = torch.func.grad(lagrangian, has_aux=True)(x)
        if inequality is not None:
            values[-1] = multipliers[-1] * values[-1]
        return gradient, *values

    return conditions
