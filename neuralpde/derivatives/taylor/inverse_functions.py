"""Inverse trigonometric and hyperbolic functions of series: integrals of algebraic slopes."""

from __future__ import annotations

from collections.abc import Callable

import torch

from neuralpde.derivatives.taylor.elementwise import elementwise
from neuralpde.derivatives.taylor.functions import integral, product, reciprocal_terms, rsqrt_terms, scaled, shifted
from neuralpde.derivatives.taylor.series import Series
from neuralpde.derivatives.taylor.truncation import Coefficients, Truncation

__all__ = ["RULES", "acos_terms", "acosh_terms", "asin_terms", "asinh_terms", "atan_terms", "atanh_terms"]


def _one_plus_square(x: Coefficients, t: Truncation) -> Coefficients:
    return shifted([t.square(k, x) for k in range(len(t))], 1.0)


def _one_minus_square(x: Coefficients, t: Truncation) -> Coefficients:
    # As a product of two factors, which keeps its accuracy near the ends ±1.
    return product(shifted(scaled(x, -1.0), 1.0), shifted(x, 1.0), t)


def asin_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """Arcsin x, from y′ = x′/√(1 − x²)."""
    return integral(torch.asin(x[0]), x, rsqrt_terms(_one_minus_square(x, t), t), t)


def acos_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """Arccos x, from y′ = −x′/√(1 − x²)."""
    return integral(torch.acos(x[0]), x, scaled(rsqrt_terms(_one_minus_square(x, t), t), -1.0), t)


def atan_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """Arctan x, from y′ = x′/(1 + x²)."""
    return integral(torch.atan(x[0]), x, reciprocal_terms(_one_plus_square(x, t), t), t)


def asinh_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """Arsinh x, from y′ = x′/√(1 + x²)."""
    return integral(torch.asinh(x[0]), x, rsqrt_terms(_one_plus_square(x, t), t), t)


def acosh_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """Arcosh x, from y′ = x′/√(x² − 1)."""
    return integral(torch.acosh(x[0]), x, rsqrt_terms(scaled(_one_minus_square(x, t), -1.0), t), t)


def atanh_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """Artanh x, from y′ = x′/(1 − x²)."""
    return integral(torch.atanh(x[0]), x, reciprocal_terms(_one_minus_square(x, t), t), t)


RULES: dict[Callable, Callable[[Series], Series]] = {
    torch.asin: elementwise(asin_terms),
    torch.arcsin: elementwise(asin_terms),
    torch.acos: elementwise(acos_terms),
    torch.arccos: elementwise(acos_terms),
    torch.atan: elementwise(atan_terms),
    torch.arctan: elementwise(atan_terms),
    torch.asinh: elementwise(asinh_terms),
    torch.arcsinh: elementwise(asinh_terms),
    torch.acosh: elementwise(acosh_terms),
    torch.arccosh: elementwise(acosh_terms),
    torch.atanh: elementwise(atanh_terms),
    torch.arctanh: elementwise(atanh_terms),
}
