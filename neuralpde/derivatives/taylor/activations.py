"""Smooth and piecewise linear activations of series."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from neuralpde.derivatives.taylor.branches import clamp
from neuralpde.derivatives.taylor.elementwise import apply, elementwise
from neuralpde.derivatives.taylor.functions import (
    cos_terms,
    cosh_terms,
    erf_terms,
    erfc_terms,
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
    sinc_terms,
    sinh_terms,
    sqrt_terms,
    summed,
    tan_terms,
    tanh_terms,
)
from neuralpde.derivatives.taylor.series import Series
from neuralpde.derivatives.taylor.truncation import Coefficients, Truncation

__all__ = ["RULES", "softplus_terms"]

_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805
"""Klambauer, Unterthiner, Mayr & Hochreiter, Self-normalizing neural networks (2017)."""


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


def celu(x: Series, alpha: float = 1.0, inplace: bool = False) -> Series:
    """Exponential linear unit whose slope has no jump: α elu(x/α)."""
    del inplace
    return apply(lambda c, t: scaled(elu_terms(scaled(c, 1.0 / alpha), t, 1.0), alpha), x)


def selu(x: Series, inplace: bool = False) -> Series:
    """Scaled exponential linear unit."""
    del inplace
    return apply(lambda c, t: scaled(elu_terms(c, t, _SELU_ALPHA), _SELU_SCALE), x)


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


def prelu(x: Series, weight: Tensor) -> Series:
    """As :func:`leaky_relu`, with a slope for each channel, on axis 1."""
    slope = weight.reshape(()) if weight.numel() == 1 else weight.reshape(-1, *(1,) * (x.ndim - 2))
    return _by_slope(x, torch.where(x.value > 0, torch.ones_like(slope), slope))


def hardtanh(x: Series, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Series:
    """The identity between two bounds; the kinks are ignored."""
    del inplace
    return clamp(x, min_val, max_val)


def relu6(x: Series, inplace: bool = False) -> Series:
    """The identity between 0 and 6; the kinks are ignored."""
    return hardtanh(x, 0.0, 6.0, inplace)


def absolute(x: Series) -> Series:
    """|x|; the kink is ignored."""
    return _by_slope(x, torch.sign(x.value))


def dropout(x: Series, p: float = 0.5, training: bool = True, inplace: bool = False) -> Series:
    """One mask for all coefficients."""
    del inplace
    return _by_slope(x, F.dropout(torch.ones_like(x.value), p)) if training else x


RULES: dict[Callable, Callable[..., Any]] = {
    torch.exp: elementwise(exp_terms),
    torch.expm1: elementwise(expm1_terms),
    torch.log: elementwise(log_terms),
    torch.log1p: elementwise(log1p_terms),
    torch.sin: elementwise(sin_terms),
    torch.cos: elementwise(cos_terms),
    torch.tan: elementwise(tan_terms),
    torch.sinh: elementwise(sinh_terms),
    torch.cosh: elementwise(cosh_terms),
    torch.tanh: elementwise(tanh_terms),
    F.tanh: elementwise(tanh_terms),
    torch.sigmoid: elementwise(sigmoid_terms),
    torch.special.expit: elementwise(sigmoid_terms),
    F.sigmoid: elementwise(sigmoid_terms),
    torch.erf: elementwise(erf_terms),
    torch.special.erf: elementwise(erf_terms),
    torch.erfc: elementwise(erfc_terms),
    torch.special.erfc: elementwise(erfc_terms),
    torch.sinc: elementwise(sinc_terms),
    torch.special.sinc: elementwise(sinc_terms),
    torch.sqrt: elementwise(sqrt_terms),
    torch.rsqrt: elementwise(rsqrt_terms),
    torch.reciprocal: elementwise(reciprocal_terms),
    F.softplus: softplus,
    F.silu: silu,
    F.mish: mish,
    F.gelu: gelu,
    F.elu: elu,
    F.celu: celu,
    torch.celu: celu,
    F.selu: selu,
    torch.selu: selu,
    F.logsigmoid: logsigmoid,
    F.relu: relu,
    torch.relu: relu,
    F.leaky_relu: leaky_relu,
    F.prelu: prelu,
    torch.prelu: prelu,
    F.hardtanh: hardtanh,
    F.relu6: relu6,
    torch.abs: absolute,
    torch.absolute: absolute,
    F.dropout: dropout,
}
