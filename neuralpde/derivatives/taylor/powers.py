"""Powers with constant or varying exponents."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from neuralpde.derivatives.taylor.arithmetic import multiply
from neuralpde.derivatives.taylor.elementwise import apply
from neuralpde.derivatives.taylor.functions import exp_terms, log_terms, reciprocal_terms, rsqrt_terms, sqrt_terms
from neuralpde.derivatives.taylor.series import Series
from neuralpde.derivatives.taylor.truncation import Coefficients, Truncation

__all__ = ["RULES", "power", "square"]


def square(x: Series) -> Series:
    """x²."""
    return x.like([x.truncation.square(k, x.coefficients) for k in range(len(x.truncation))])


def power(base: Any, exponent: Any) -> Series:
    """Base to the exponent. Natural exponents use products, which are right at zero too.

    A real exponent, or a series as exponent, needs a positive base.
    """
    if isinstance(exponent, Series):
        if isinstance(base, Series):
            return apply(exp_terms, multiply(apply(log_terms, base), exponent))
        return apply(exp_terms, multiply(exponent, torch.log(base) if isinstance(base, Tensor) else math.log(base)))
    if isinstance(exponent, Tensor):
        return apply(lambda x, t: _real(x, t, exponent), base)
    if exponent == int(exponent) and abs(exponent) <= 64:
        return _integer(base, int(exponent))
    if exponent in (0.5, -0.5):
        return apply(sqrt_terms if exponent > 0 else rsqrt_terms, base)
    return apply(lambda x, t: _real(x, t, exponent), base)


def _integer(base: Series, exponent: int) -> Series:
    if exponent < 0:
        return apply(lambda x, t: reciprocal_terms(_natural(x, t, -exponent), t), base)
    if exponent == 2:
        return square(base)
    return apply(lambda x, t: _natural(x, t, exponent), base)


def _natural(x: Coefficients, t: Truncation, exponent: int) -> Coefficients:
    """By repeated squaring."""
    result: Coefficients | None = None
    factor = list(x)
    while exponent:
        if exponent % 2:
            result = factor if result is None else [t.convolve(k, result, factor) for k in range(len(t))]
        exponent //= 2
        if exponent:
            factor = [t.square(k, factor) for k in range(len(t))]
    return [torch.ones_like(x[0]), *[None] * (len(t) - 1)] if result is None else result


def _real(x: Coefficients, t: Truncation, exponent: float | Tensor) -> Coefficients:
    """From y′ = p (y/x) x′."""
    inverse = reciprocal_terms(x, t)
    y: Coefficients = [torch.pow(x[0], exponent)]
    slope: Coefficients = [y[0] * inverse[0] * exponent]
    for k in range(1, len(t)):
        y.append(t.chain(k, x, slope))
        quotient = t.convolve(k, y, inverse)
        slope.append(None if quotient is None else quotient * exponent)
    return y


RULES: dict[Callable, Callable[..., Series]] = {
    torch.pow: power,
    torch.Tensor.pow: power,
    torch.square: square,
}
