"""Smooth and piecewise linear activations of series."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from neuralpde.derivatives.taylor.elementwise import Recurrence, apply
from neuralpde.derivatives.taylor.functions import (
    atan_terms,
    cos_terms,
    cosh_terms,
    erf_terms,
    exp_terms,
    expm1_terms,
    gaussian,
    integral,
    log1p_terms,
    log_terms,
    product,
    reciprocal_terms,
    rsqrt_terms,
    scaled,
    shifted,
    sigmoid_terms,
    sin_terms,
    sinh_terms,
    sqrt_terms,
    summed,
    tan_terms,
    tanh_terms,
)
from neuralpde.derivatives.taylor.series import Series
from neuralpde.derivatives.taylor.truncation import Coefficients, Truncation

__all__ = ["RULES"]


def softplus_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """Log(1 + eˣ), whose slope is σ(x)."""
    return integral(torch.nn.functional.softplus(x[0]), x, sigmoid_terms(x, t), t)


def silu_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """X σ(x)."""
    return product(x, sigmoid_terms(x, t), t)


def mish_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """X tanh(log(1 + eˣ))."""
    return product(x, tanh_terms(softplus_terms(x, t), t), t)


def gelu_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """X Φ(x), with the normal distribution function."""
    normal = integral(0.5 * (1.0 + torch.erf(x[0] / math.sqrt(2.0))), x, scaled(gaussian(x, t, 0.5), 1.0 / math.sqrt(2.0 * math.pi)), t)
    return product(x, normal, t)


def gelu_tanh_terms(x: Coefficients, t: Truncation) -> Coefficients:
    """The approximation 0.5 x (1 + tanh(√(2/π)(x + 0.044715 x³)))."""
    cube = product([t.square(k, x) for k in range(len(t))], x, t)
    inner = scaled(summed(x, scaled(cube, 0.044715)), math.sqrt(2.0 / math.pi))
    return product(scaled(x, 0.5), shifted(tanh_terms(inner, t), 1.0), t)


def elu_terms(x: Coefficients, t: Truncation, alpha: float) -> Coefficients:
    """X where positive, α (eˣ − 1) elsewhere."""
    positive = x[0] > 0
    # The branch that is not taken must stay finite, or its gradient would be NaN.
    inner = expm1_terms([torch.clamp(x[0], max=0.0), *x[1:]], t)
    one, zero = torch.ones_like(x[0]), torch.zeros_like(x[0])
    pairs = zip(x, inner, strict=True)
    return [None if p is None and q is None else torch.where(positive, zero if p is None else p * one, zero if q is None else q * alpha) for p, q in pairs]


def _elementwise(recurrence: Recurrence) -> Callable[..., Series]:
    def rule(x: Series) -> Series:
        return apply(recurrence, x)

    return rule


def softplus(x: Series, beta: float = 1, threshold: float = 20) -> Series:
    """Log(1 + exp(βx))/β. The exact function everywhere: the threshold of the module only spares it an overflow."""
    del threshold
    if beta == 1:
        return apply(softplus_terms, x)
    return apply(lambda c, t: scaled(softplus_terms(scaled(c, beta), t), 1.0 / beta), x)


def gelu(x: Series, *, approximate: str = "none") -> Series:
    """GELU, exact or with tanh."""
    return apply(gelu_terms if approximate == "none" else gelu_tanh_terms, x)


def silu(x: Series, inplace: bool = False) -> Series:
    """X σ(x)."""
    del inplace
    return apply(silu_terms, x)


def mish(x: Series, inplace: bool = False) -> Series:
    """X tanh(softplus(x))."""
    del inplace
    return apply(mish_terms, x)


def elu(x: Series, alpha: float = 1.0, inplace: bool = False) -> Series:
    """Exponential linear unit."""
    del inplace
    return apply(lambda c, t: elu_terms(c, t, alpha), x)


def logsigmoid(x: Series) -> Series:
    """Log σ(x) = −softplus(−x)."""
    return apply(lambda c, t: scaled(softplus_terms(scaled(c, -1.0), t), -1.0), x)


def _by_slope(x: Series, slope: Tensor) -> Series:
    return x.map(lambda c: c * slope)


def relu(x: Series, inplace: bool = False) -> Series:
    """The branch that the value takes; the kink is ignored, so derivatives of order two and more are those of straight lines."""
    del inplace
    return _by_slope(x, (x.value > 0).to(x.dtype))


def leaky_relu(x: Series, negative_slope: float = 0.01, inplace: bool = False) -> Series:
    """As :func:`relu`, with a slope on the left."""
    del inplace
    return _by_slope(x, torch.where(x.value > 0, 1.0, negative_slope).to(x.dtype))


def absolute(x: Series) -> Series:
    """|x|; the kink is ignored."""
    return _by_slope(x, torch.sign(x.value))


def dropout(x: Series, p: float = 0.5, training: bool = True, inplace: bool = False) -> Series:
    """One mask for all coefficients."""
    del inplace
    return _by_slope(x, F.dropout(torch.ones_like(x.value), p)) if training else x


RULES: dict[Callable, Callable[..., Any]] = {
    torch.exp: _elementwise(exp_terms),
    torch.expm1: _elementwise(expm1_terms),
    torch.log: _elementwise(log_terms),
    torch.log1p: _elementwise(log1p_terms),
    torch.sin: _elementwise(sin_terms),
    torch.cos: _elementwise(cos_terms),
    torch.tan: _elementwise(tan_terms),
    torch.sinh: _elementwise(sinh_terms),
    torch.cosh: _elementwise(cosh_terms),
    torch.tanh: _elementwise(tanh_terms),
    F.tanh: _elementwise(tanh_terms),
    torch.sigmoid: _elementwise(sigmoid_terms),
    torch.special.expit: _elementwise(sigmoid_terms),
    F.sigmoid: _elementwise(sigmoid_terms),
    torch.atan: _elementwise(atan_terms),
    torch.arctan: _elementwise(atan_terms),
    torch.erf: _elementwise(erf_terms),
    torch.special.erf: _elementwise(erf_terms),
    torch.sqrt: _elementwise(sqrt_terms),
    torch.rsqrt: _elementwise(rsqrt_terms),
    torch.reciprocal: _elementwise(reciprocal_terms),
    F.softplus: softplus,
    F.silu: silu,
    F.mish: mish,
    F.gelu: gelu,
    F.elu: elu,
    F.logsigmoid: logsigmoid,
    F.relu: relu,
    torch.relu: relu,
    F.leaky_relu: leaky_relu,
    torch.abs: absolute,
    torch.absolute: absolute,
    F.dropout: dropout,
}
