"""Smooth functions of two arguments, each a series or a constant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from neuralpde.derivatives.taylor.activations import softplus_terms
from neuralpde.derivatives.taylor.arithmetic import add, divide, multiply, subtract
from neuralpde.derivatives.taylor.elementwise import apply
from neuralpde.derivatives.taylor.functions import integral, sqrt_terms
from neuralpde.derivatives.taylor.series import Series, broadcast

__all__ = ["RULES"]


def hypot(a: Any, b: Any) -> Series:
    """√(a² + b²); singular where both are zero, as in calculus."""
    return apply(sqrt_terms, _square_sum(a, b))


def _square_sum(a: Any, b: Any) -> Series:
    return add(multiply(a, a) if isinstance(a, Series) else a * a, multiply(b, b) if isinstance(b, Series) else b * b)


def atan2(y: Any, x: Any) -> Series:
    """The angle of the point (x, y), from θ′ = (x y′ − y x′)/(x² + y²)."""
    radius = _square_sum(y, x)
    angle = subtract(_along(y, divide(x, radius)), _along(x, divide(y, radius)))
    return angle.like([torch.atan2(_value(y, angle), _value(x, angle)), *angle.coefficients[1:]])


def _along(x: Any, slope: Series) -> Series:
    """∫ slope dx, from zero: nothing along a constant."""
    if not isinstance(x, Series):
        return slope.like([torch.zeros_like(slope.value), *[None] * (len(slope.truncation) - 1)])
    inner, outer, truncation = broadcast(x, slope)
    return slope.like(integral(torch.zeros_like(slope.value), inner, outer, truncation), truncation)


def logaddexp(a: Any, b: Any) -> Series:
    """Log(eᵃ + eᵇ) = b + log(1 + eᵃ⁻ᵇ)."""
    result = add(apply(softplus_terms, subtract(a, b)), b)
    return result.like([torch.logaddexp(_value(a, result), _value(b, result)), *result.coefficients[1:]])


def _value(x: Any, like: Series) -> Tensor:
    return x.value if isinstance(x, Series) else torch.as_tensor(x, dtype=like.dtype, device=like.device)


RULES: dict[Callable, Callable[..., Series]] = {
    torch.hypot: hypot,
    torch.atan2: atan2,
    torch.arctan2: atan2,
    torch.logaddexp: logaddexp,
}
