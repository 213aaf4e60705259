"""Recurrences for the Taylor coefficients of elementary functions; each is the differential equation that the function obeys."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from neuralpde.derivatives.taylor.truncation import Coefficients, Truncation

__all__ = [
    "cos_terms",
    "cosh_terms",
    "erf_terms",
    "erfc_terms",
    "exp_terms",
    "expm1_terms",
    "gaussian",
    "integral",
    "log1p_terms",
    "log_terms",
    "product",
    "reciprocal_terms",
    "rsqrt_terms",
    "scaled",
    "shifted",
    "sigmoid_terms",
    "sin_terms",
    "sinc_terms",
    "sinh_terms",
    "sqrt_terms",
    "summed",
    "tan_terms",
    "tanh_terms",
]


def scaled(x: Coefficients, factor: float | Tensor) -> Coefficients:
    """Coefficients of factor · x."""
    return [None if c is None else c * factor for c in x]


def shifted(x: Coefficients, constant: float) -> Coefficients:
    """Coefficients of x + constant."""
    return [x[0] + constant, *x[1:]]


def summed(x: Coefficients, y: Coefficients) -> Coefficients:
    """Coefficients of x + y."""
    return [q if p is None else p if q is None else p + q for p, q in zip(x, y, strict=True)]


def product(x: Coefficients, y: Coefficients, t: Truncation) -> Coefficients:
    """Coefficients of x y."""
    return [t.convolve(k, x, y) for k in range(len(t))]


def integral(value: Tensor, x: Coefficients, slope: Coefficients, t: Truncation) -> Coefficients:
    """Coefficients of the function with the given value whose derivative along the curve is slope · x′."""
    return [value, *(t.chain(k, x, slope) for k in range(1, len(t)))]


def reciprocal_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """1/x, from x y = 1."""
    y: Coefficients = [1.0 / x[0]]
    for k in range(1, len(t)):
        # y stops before k, so that the sum leaves the unknown out.
        remainder = t.convolve(k, x, y)
        y.append(None if remainder is None else remainder * -y[0])
    return y


def sqrt_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """√x, from y² = x."""
    y: Coefficients = [torch.sqrt(x[0])]
    half = 0.5 / y[0]
    for k in range(1, len(t)):
        inner = t.square(k, [None, *y[1:]])
        difference = x[k] if inner is None else -1.0 * inner if x[k] is None else x[k] - inner
        y.append(None if difference is None else difference * half)
    return y


def rsqrt_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """1/√x."""
    return reciprocal_terms(sqrt_terms(x, t), t)


def exp_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """eˣ, from y′ = y x′."""
    y: Coefficients = [torch.exp(x[0])]
    for k in range(1, len(t)):
        y.append(t.chain(k, x, y))
    return y


def expm1_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """eˣ − 1, accurate near zero."""
    return [torch.expm1(x[0]), *exp_terms(x, t)[1:]]


def log_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """Log x, from y′ = x′/x."""
    return integral(torch.log(x[0]), x, reciprocal_terms(x, t), t)


def log1p_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """Log(1 + x), accurate near zero."""
    return integral(torch.log1p(x[0]), x, reciprocal_terms(shifted(x, 1.0), t), t)


def _pair(x: Coefficients, t: Truncation, first: Tensor, second: Tensor, sign: float) -> tuple[Coefficients, Coefficients]:
    """The solution of a′ = b x′, b′ = sign · a x′."""
    a: Coefficients = [first]
    b: Coefficients = [second]
    for k in range(1, len(t)):
        next_a, next_b = t.chain(k, x, b), t.chain(k, x, a)
        a.append(next_a)
        b.append(None if next_b is None else next_b * sign)
    return a, b


def sin_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """Sin x, together with cos x."""
    return _pair(x, t, torch.sin(x[0]), torch.cos(x[0]), -1.0)[0]


def cos_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """Cos x, together with sin x."""
    return _pair(x, t, torch.sin(x[0]), torch.cos(x[0]), -1.0)[1]


def sinh_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """Sinh x, together with cosh x."""
    return _pair(x, t, torch.sinh(x[0]), torch.cosh(x[0]), 1.0)[0]


def cosh_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """Cosh x, together with sinh x."""
    return _pair(x, t, torch.sinh(x[0]), torch.cosh(x[0]), 1.0)[1]


def _riccati(value: Tensor, x: Coefficients, t: Truncation, *, constant: float, linear: float, quadratic: float) -> Coefficients:
    """The solution of y′ = (constant + linear y + quadratic y²) x′ with the given value."""
    y: Coefficients = [value]
    start = value.square() * quadratic + constant
    slope: Coefficients = [start + linear * value if linear else start]
    for k in range(1, len(t)):
        y.append(t.chain(k, x, slope))
        if k < len(t) - 1:
            square = t.square(k, y)
            bent = None if square is None else square * quadratic
            slope.append(summed([bent], [None if y[k] is None or not linear else y[k] * linear])[0])
    return y


def tan_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """Tan x, from y′ = (1 + y²) x′."""
    return _riccati(torch.tan(x[0]), x, t, constant=1.0, linear=0.0, quadratic=1.0)


def tanh_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """Tanh x, from y′ = (1 − y²) x′."""
    return _riccati(torch.tanh(x[0]), x, t, constant=1.0, linear=0.0, quadratic=-1.0)


def sigmoid_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """σ(x) = 1/(1 + e⁻ˣ), from y′ = (y − y²) x′."""
    return _riccati(torch.sigmoid(x[0]), x, t, constant=0.0, linear=1.0, quadratic=-1.0)


def gaussian(x: Coefficients, t: Truncation, scale: float) -> Coefficients:
    """Coefficients of exp(−scale · x²)."""
    return exp_terms(scaled([t.square(k, x) for k in range(len(t))], -scale), t)


def erf_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """Erf x, from y′ = 2/√π e^(−x²) x′."""
    return integral(torch.erf(x[0]), x, scaled(gaussian(x, t, 1.0), 2.0 / math.sqrt(math.pi)), t)


def erfc_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """1 − erf x, accurate where it is small."""
    return integral(torch.erfc(x[0]), x, scaled(gaussian(x, t, 1.0), -2.0 / math.sqrt(math.pi)), t)


_SINC_TERMS = 16
"""Of the power series, for |x| < ½: what is left out is below round-off even in the tenth derivative."""


def sinc_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """Sin(πx)/(πx): by the quotient, and near zero, where that would cancel, by the power series."""
    near = x[0].abs() < 0.5
    # The branch that is not taken must stay finite, or its gradient would be NaN.
    one, zero = torch.ones_like(x[0]), torch.zeros_like(x[0])
    outside = scaled([torch.where(near, one, x[0]), *x[1:]], math.pi)
    inside = scaled([torch.where(near, x[0], zero), *x[1:]], math.pi)
    square = [t.square(k, inside) for k in range(len(t))]
    series: Coefficients = [one * (1.0 / math.factorial(2 * _SINC_TERMS + 1)), *[None] * (len(t) - 1)]
    for k in reversed(range(_SINC_TERMS)):
        series = shifted(scaled(product(series, square, t), -1.0), 1.0 / math.factorial(2 * k + 1))
    quotient = product(sin_terms(outside, t), reciprocal_terms(outside, t), t)
    return [None if p is None else torch.where(near, zero if q is None else q, p) for p, q in zip(quotient, series, strict=True)]
