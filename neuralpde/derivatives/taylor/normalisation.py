"""Norms, normalisation layers and softmax as compositions of smooth operations.

Torch's own second derivatives of ``layer_norm`` are wrong in some modes; these compositions are exact to any order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from neuralpde.derivatives.taylor.arithmetic import add, divide, multiply, subtract
from neuralpde.derivatives.taylor.elementwise import apply
from neuralpde.derivatives.taylor.functions import exp_terms, log_terms, rsqrt_terms, sqrt_terms
from neuralpde.derivatives.taylor.linear_maps import mean, total
from neuralpde.derivatives.taylor.powers import power, square
from neuralpde.derivatives.taylor.series import Series
from neuralpde.derivatives.taylor.shapes import reshape

__all__ = ["RULES"]


def norm(x: Series, ord: Any = 2, dim: Any = None, keepdim: bool = False, **unused: Any) -> Series:
    """Euclidean norm, or a p-norm with even p; singular at zero, as in calculus."""
    del unused
    if ord in (2, "fro", None):
        return apply(sqrt_terms, total(square(x), dim, keepdim))
    if not isinstance(ord, (int, float)) or ord % 2:
        raise TypeError(f"Jet: a smooth norm needs an even p, got {ord!r}; write it with smooth operations.")
    return power(total(power(x, ord), dim, keepdim), 1.0 / ord)


def plain_norm(x: Series, p: Any = "fro", dim: Any = None, keepdim: bool = False, **unused: Any) -> Series:
    """As :func:`norm`, with torch's older argument names."""
    del unused
    return norm(x, p, dim, keepdim)


def normalize(x: Series, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: None = None) -> Series:
    """X divided by its norm; away from zero, where eps plays no part."""
    del eps, out
    return divide(x, norm(x, p, dim, True))


def _standardised(x: Series, dims: Sequence[int], eps: float, *, centred: bool = True) -> Series:
    z = subtract(x, mean(x, dims, True)) if centred else x
    return multiply(z, apply(rsqrt_terms, add(mean(square(z), dims, True), eps)))


def _affine(x: Series, weight: Tensor | None, bias: Tensor | None) -> Series:
    x = x if weight is None else multiply(x, weight)
    return x if bias is None else add(x, bias)


def layer_norm(x: Series, normalized_shape: Sequence[int], weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5) -> Series:
    """Zero mean and unit variance over the last axes."""
    return _affine(_standardised(x, tuple(range(-len(normalized_shape), 0)), eps), weight, bias)


def rms_norm(x: Series, normalized_shape: Sequence[int], weight: Tensor | None = None, eps: float | None = None) -> Series:
    """Unit mean square over the last axes."""
    eps = torch.finfo(x.dtype).eps if eps is None else eps
    return _affine(_standardised(x, tuple(range(-len(normalized_shape), 0)), eps, centred=False), weight, None)


def _per_channel(parameter: Tensor | None, ndim: int) -> Tensor | None:
    return None if parameter is None else parameter.reshape(-1, *(1,) * (ndim - 2))


def group_norm(x: Series, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5) -> Series:
    """Zero mean and unit variance over groups of channels and space."""
    shape = tuple(x.shape)
    grouped = reshape(x, shape[0], num_groups, -1)
    return _affine(reshape(_standardised(grouped, (-1,), eps), shape), _per_channel(weight, x.ndim), _per_channel(bias, x.ndim))


def batch_norm(
    x: Series,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Series:
    """With running statistics an affine map. With those of the batch it mixes points, and a derivative at a point has no meaning."""
    del momentum
    if training or running_mean is None or running_var is None:
        raise TypeError("Jet: batch_norm needs running statistics, got training mode, which mixes the points; call eval() or use another normalisation.")
    scale = torch.rsqrt(running_var + eps)
    centred = subtract(x, _per_channel(running_mean, x.ndim))
    return _affine(multiply(centred, _per_channel(scale, x.ndim)), _per_channel(weight, x.ndim), _per_channel(bias, x.ndim))


def softmax(x: Series, dim: int, *unused: Any, **ignored: Any) -> Series:
    """Exponentials divided by their sum."""
    del unused, ignored
    e = apply(exp_terms, _below_zero(x, dim))
    return divide(e, total(e, dim, True))


def log_softmax(x: Series, dim: int, *unused: Any, **ignored: Any) -> Series:
    """Logarithm of the softmax."""
    del unused, ignored
    y = _below_zero(x, dim)
    return subtract(y, apply(log_terms, total(apply(exp_terms, y), dim, True)))


def logsumexp(x: Series, dim: Any, keepdim: bool = False) -> Series:
    """Logarithm of the sum of exponentials."""
    largest = torch.amax(x.value.detach(), dim, keepdim=True)
    summed = apply(log_terms, total(apply(exp_terms, subtract(x, largest)), dim, keepdim))
    return add(summed, largest if keepdim else largest.squeeze(dim))


def _below_zero(x: Series, dim: int) -> Series:
    # A constant shift changes no derivative and keeps the exponentials finite.
    return subtract(x, torch.amax(x.value.detach(), dim, keepdim=True))


RULES: dict[Callable, Callable[..., Any]] = {
    torch.linalg.vector_norm: norm,
    torch.linalg.norm: norm,
    torch.norm: plain_norm,
    F.normalize: normalize,
    F.layer_norm: layer_norm,
    F.rms_norm: rms_norm,
    F.group_norm: group_norm,
    F.batch_norm: batch_norm,
    F.softmax: softmax,
    torch.softmax: softmax,
    F.log_softmax: log_softmax,
    torch.log_softmax: log_softmax,
    torch.logsumexp: logsumexp,
}
