"""A function of one variable applied to a series."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from neuralpde.derivatives.taylor.series import Series
from neuralpde.derivatives.taylor.truncation import Coefficients, Truncation

__all__ = ["Recurrence", "apply", "compose", "elementwise"]

Recurrence = Callable[[Coefficients, Truncation], Coefficients]
"""Coefficients of x and the truncation → coefficients of f(x)."""

_COMPOSITION_DEGREE = 4
"""Up to here powers of x − x₀ times derivatives of f at x₀ are cheaper: the derivatives do not depend on the direction."""


class _Variable(Truncation):
    """The truncation of x₀ + s in s alone, with the coefficients of that variable; its own chain rule needs no product."""

    def __init__(self, value: Tensor, degree: int) -> None:
        super().__init__([(k,) for k in range(degree + 1)])
        self.variable: Coefficients = [value, 1.0, *[None] * (degree - 1)]

    def chain(self, place: int, x: Any, slope: Any) -> Any:
        if x is not self.variable:
            return super().chain(place, x, slope)
        return slope[place - 1] if place == 1 or slope[place - 1] is None else slope[place - 1] / place


def apply(recurrence: Recurrence, x: Series) -> Series:
    """f(x) for a function given by the recurrence of its coefficients."""
    truncation = x.truncation
    if truncation.degree > _COMPOSITION_DEGREE:
        return x.like(recurrence(x.coefficients, truncation))
    if all(c is None for c in x.coefficients[1:]):
        return x.like([recurrence([x.value], Truncation.line(0))[0], *x.coefficients[1:]])
    line = _Variable(x.value, truncation.degree)
    outer = recurrence(line.variable, line)
    return x.like(compose(outer, x.coefficients, truncation))


def elementwise(recurrence: Recurrence) -> Callable[[Series], Series]:
    """The rule of a function that has no argument but the series."""

    def rule(x: Series) -> Series:
        return apply(recurrence, x)

    return rule


def compose(outer: Coefficients, x: Coefficients, truncation: Truncation) -> Coefficients:
    """Σₘ f⁽ᵐ⁾(x₀)/m! (x − x₀)ᵐ, with the normalised derivatives of f at x₀ given."""
    result: Coefficients = [outer[0], *[None] * (len(truncation) - 1)]
    increment: Coefficients = [None, *x[1:]]
    power = increment
    for m in range(1, len(outer)):
        if m > 1:
            multiply = truncation.square if m == 2 else None
            power = [None, *((multiply(k, power) if multiply else truncation.convolve(k, power, increment)) for k in range(1, len(truncation)))]
        if outer[m] is None:
            continue
        for k in range(1, len(truncation)):
            if power[k] is not None:
                term = power[k] * outer[m]
                result[k] = term if result[k] is None else result[k] + term
    return result
