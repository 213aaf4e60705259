"""Sums, products and quotients of series and constants."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from neuralpde.derivatives.taylor.functions import reciprocal_terms
from neuralpde.derivatives.taylor.series import Series, align, broadcast

__all__ = ["RULES", "add", "divide", "multiply", "negate", "subtract"]


def add(a: Any, b: Any, *, alpha: Any = 1) -> Series:
    """a + alpha b; a constant only meets the value."""
    if alpha != 1:
        b = multiply(b, alpha) if isinstance(b, Series) else b * alpha
    if not isinstance(a, Series):
        a, b = b, a
    if not isinstance(b, Series):
        return _with_constant(a, b, operator.add)
    left, right, truncation = broadcast(a, b)
    return a.like([_sum(p, q) for p, q in zip(left, right, strict=True)], truncation)


def _sum(p: Any, q: Any) -> Any:
    if p is None or q is None:
        return q if p is None else p
    return p + q


def _with_constant(a: Series, constant: Any, operation: Callable[[Any, Any], Any]) -> Series:
    if not isinstance(constant, Tensor):
        return a.like([operation(a.value, constant), *a.coefficients[1:]])
    coefficients = align(a.coefficients, constant.ndim)
    return a.like([operation(coefficients[0], constant), *coefficients[1:]])


def negate(a: Series) -> Series:
    """−a."""
    return a.map(operator.neg)


def subtract(a: Any, b: Any, *, alpha: Any = 1) -> Series:
    """a − alpha b."""
    if isinstance(b, Series):
        return add(a, multiply(b, -alpha))
    return _with_constant(a, b if alpha == 1 else b * alpha, operator.sub)


def reverse_subtract(a: Any, b: Any, *, alpha: Any = 1) -> Series:
    """b − alpha a."""
    return subtract(b, a, alpha=alpha)


def multiply(a: Any, b: Any) -> Series:
    """a b, a Cauchy product."""
    if not isinstance(a, Series):
        a, b = b, a
    if not isinstance(b, Series):
        coefficients = align(a.coefficients, b.ndim) if isinstance(b, Tensor) else a.coefficients
        return a.like([None if c is None else c * b for c in coefficients])
    left, right, truncation = broadcast(a, b)
    if a is b:
        return a.like([truncation.square(k, left) for k in range(len(truncation))], truncation)
    return a.like([truncation.convolve(k, left, right) for k in range(len(truncation))], truncation)


def divide(a: Any, b: Any, *, rounding_mode: None = None) -> Series:
    """a / b."""
    if rounding_mode is not None:
        raise TypeError(f"Jet: a division needs to be smooth, got rounding_mode={rounding_mode!r}; round outside of the derivative.")
    if isinstance(b, Series):
        return multiply(a, b.like(reciprocal_terms(b.coefficients, b.truncation)))
    return multiply(a, 1.0 / b)


def lerp(a: Any, b: Any, weight: Any) -> Series:
    """a + weight (b − a)."""
    return add(a, multiply(subtract(b, a), weight)) if isinstance(a, Series) or isinstance(b, Series) else add(a, multiply(weight, b - a))


def addcmul(a: Any, b: Any, c: Any, *, value: Any = 1) -> Series:
    """a + value b c."""
    product = multiply(b, c) if isinstance(b, Series) or isinstance(c, Series) else b * c
    return add(a, product, alpha=value)


RULES: dict[Callable, Callable] = {
    torch.add: add,
    torch.Tensor.add: add,
    torch.sub: subtract,
    torch.subtract: subtract,
    torch.Tensor.sub: subtract,
    torch.rsub: reverse_subtract,
    torch.neg: negate,
    torch.negative: negate,
    torch.positive: lambda a: a,
    torch.mul: multiply,
    torch.multiply: multiply,
    torch.Tensor.mul: multiply,
    torch.div: divide,
    torch.divide: divide,
    torch.true_divide: divide,
    torch.Tensor.div: divide,
    torch.lerp: lerp,
    torch.addcmul: addcmul,
}
