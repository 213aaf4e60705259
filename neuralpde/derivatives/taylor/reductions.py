"""Reductions of series that are not linear: products, extremes, variances."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from neuralpde.derivatives.taylor.arithmetic import multiply, subtract
from neuralpde.derivatives.taylor.branches import maximum, minimum
from neuralpde.derivatives.taylor.elementwise import apply
from neuralpde.derivatives.taylor.entries import gather, narrow
from neuralpde.derivatives.taylor.functions import sqrt_terms
from neuralpde.derivatives.taylor.linear_maps import mean, total
from neuralpde.derivatives.taylor.powers import square
from neuralpde.derivatives.taylor.series import Series, axes_from_end
from neuralpde.derivatives.taylor.shapes import concatenate, flatten, squeeze

__all__ = ["RULES"]


def product(x: Series, dim: int | None = None, keepdim: bool = False) -> Series:
    """Product over one axis or all, in pairs: the number of Cauchy products grows with the logarithm of the length."""
    if dim is None:
        return product(flatten(x), 0)
    axis = x.dim_from_end(dim)
    while x.shape[axis] > 1:
        half = x.shape[axis] // 2
        pairs = multiply(narrow(x, axis, 0, half), narrow(x, axis, half, half))
        x = pairs if x.shape[axis] == 2 * half else concatenate([pairs, narrow(x, axis, 2 * half, 1)], axis)
    return x if keepdim else squeeze(x, axis)


class Extreme(NamedTuple):
    """What an extreme along an axis returns, as in torch."""

    values: Series
    indices: Tensor


def _along(x: Series, extreme: Callable[..., Any], dim: int, keepdim: bool) -> Extreme:
    """The entry that the value chooses, and its index; where several are equal, one of them: the kink is ignored."""
    axis = x.dim_from_end(dim)
    index = extreme(x.value, axis, keepdim=True).indices
    chosen = gather(x, axis, index)
    return Extreme(chosen, index) if keepdim else Extreme(squeeze(chosen, axis), index.squeeze(axis))


def largest(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The largest entry, the largest along an axis with its index, or the larger of two."""
    if isinstance(dim, int):
        return _along(x, torch.max, dim, keepdim)
    return _along(flatten(x), torch.max, 0, False).values if dim is None else maximum(x, dim)


def smallest(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest entry, the smallest along an axis with its index, or the smaller of two."""
    if isinstance(dim, int):
        return _along(x, torch.min, dim, keepdim)
    return _along(flatten(x), torch.min, 0, False).values if dim is None else minimum(x, dim)


def _over_axes(extreme: Callable[..., Any]) -> Callable[..., Series]:
    """One axis after the other; all of them if none is given."""

    def rule(x: Series, dim: int | Sequence[int] = (), keepdim: bool = False) -> Series:
        axes = axes_from_end(x, None if dim == () else dim)
        for axis in axes:
            x = _along(x, extreme, axis, True).values
        return x if keepdim else squeeze(x, axes)

    return rule


def variance(x: Series, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float | None = None) -> Series:
    """Mean square deviation from the mean, times n/(n − correction)."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if correction is None:
        correction = 0.0 if unbiased is False else 1.0
    dims = axes_from_end(x, dim)
    count = math.prod(x.shape[axis] for axis in dims)
    return multiply(total(square(subtract(x, mean(x, dims, True))), dims, keepdim), 1.0 / (count - correction))


def deviation(x: Series, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float | None = None) -> Series:
    """Square root of the variance; singular where that is zero, as in calculus."""
    return apply(sqrt_terms, variance(x, dim, unbiased, keepdim, correction=correction))


RULES: dict[Callable, Callable[..., Any]] = {
    torch.prod: product,
    torch.max: largest,
    torch.min: smallest,
    torch.amax: _over_axes(torch.max),
    torch.amin: _over_axes(torch.min),
    torch.var: variance,
    torch.std: deviation,
}
