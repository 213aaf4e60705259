"""Proximal and projected gradient fixed points, and the proximal maps they are used with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from neuralpde.implicit.optimality.stationary import stationary

__all__ = ["projected_gradient", "prox_elastic_net", "prox_group_lasso", "prox_lasso", "prox_ridge", "proximal_gradient"]


def proximal_gradient(objective: Callable[..., Tensor], prox: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    r"""prox(x − ∇f(x, θ), η) − x, zero at the minimum of f(x, θ) + g(x, η).

    A step size would not change the derivative, so it is 1.

    Args:
        objective: f(x, \*args), smooth, one number or one for each sample.
        prox: prox(v, η) = argmin ½‖x − v‖² + g(x, η).

    Returns:
        F(x, η, \*args).

    Limits: differentiable where no entry sits on a kink of ``prox``. Off the support the Jacobian is −1, so that the linear system is that of the support.
    """
    gradient = stationary(objective)

    def residual(x: Any, hyper: Any, *args: Any, **kwargs: Any) -> Any:
        step = pytree.tree_map(lambda value, slope: value - slope, x, gradient(x, *args, **kwargs))
        return pytree.tree_map(lambda new, old: new - old, prox(step, hyper), x)

    return residual


def projected_gradient(objective: Callable[..., Tensor], projection: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    r"""proj(x − ∇f(x, θ), η) − x, zero at the minimum of f(x, θ) over a set with parameters η.

    Args:
        objective: f(x, \*args), smooth.
        projection: projection(v, η), such as :func:`~neuralpde.implicit.project_simplex`.

    Returns:
        F(x, η, \*args).
    """
    return proximal_gradient(objective, projection)


def prox_lasso(v: Tensor, weight: Tensor | float) -> Tensor:
    """argmin ½‖x − v‖² + weight ‖x‖₁, soft thresholding."""
    return v.sign() * (v.abs() - weight).clamp(min=0)


def prox_ridge(v: Tensor, weight: Tensor | float) -> Tensor:
    """argmin ½‖x − v‖² + ½ weight ‖x‖²."""
    return v / (1.0 + weight)


def prox_elastic_net(v: Tensor, weights: tuple[Tensor | float, Tensor | float]) -> Tensor:
    """argmin ½‖x − v‖² + a ‖x‖₁ + ½ b ‖x‖² for weights (a, b)."""
    return prox_ridge(prox_lasso(v, weights[0]), weights[1])


def prox_group_lasso(v: Tensor, weight: Tensor | float) -> Tensor:
    """argmin ½‖x − v‖² + weight ‖x‖₂ along the last axis: the whole group shrinks or vanishes."""
    squared = v.square().sum(-1, keepdim=True)
    norm = torch.where(squared > 0, squared, 1.0).sqrt()
    return v * (1.0 - weight / norm).clamp(min=0)
