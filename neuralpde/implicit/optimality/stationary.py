"""Stationary points and least squares as roots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

__all__ = ["least_squares", "stationary"]


def stationary(objective: Callable[..., Tensor]) -> Callable[..., Any]:
    r"""∇ₓ f(x, θ), zero at every minimum, maximum and saddle of f.

    Args:
        objective: f(x, \*args), a number, or one number for each sample of a batch that does not couple.

    Limits: the Hessian must not be singular; at a flat minimum add a ridge to the linear solver, or use :class:`~neuralpde.implicit.LeastSquares`.

    Example:
        >>> F = stationary(lambda x, c: (x - c).square().sum())
        >>> F(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 0.0])).tolist()
        [0.0, 4.0]
    """

    def gradient(x: Any, *args: Any, **kwargs: Any) -> Any:
        return torch.func.grad(lambda x: objective(x, *args, **kwargs).sum())(x)

    return gradient


def least_squares(residual: Callable[..., Any]) -> Callable[..., Any]:
    r"""J(x, θ)ᵀ r(x, θ), zero at the minimum of ½‖r‖²; its Jacobian is the full Hessian, not JᵀJ.

    Args:
        residual: r(x, \*args), a tensor or a tree of tensors.
    """

    def gradient(x: Any, *args: Any, **kwargs: Any) -> Any:
        value, pull = torch.func.vjp(lambda x: residual(x, *args, **kwargs), x)[:2]
        return pull(value)[0]

    return gradient
