"""Linear layers and reductions, which act on every coefficient alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from neuralpde.derivatives.taylor.series import Series, axes_from_end
from neuralpde.derivatives.taylor.unit_tangent import UnitTangent

__all__ = ["RULES", "linear", "mean", "total"]


def linear(x: Series, weight: Tensor, bias: Tensor | None = None) -> Series:
    """A linear layer; the bias meets the value only. Directions shared by all points are multiplied once."""
    if x.shape[-1] != weight.shape[1]:
        raise ValueError(
            f"Jet: a linear layer needs {weight.shape[1]} inputs, got {x.shape[-1]}; give points with as many coordinates as the network has inputs."
        )

    def image(c: Any) -> Tensor:
        return c.linear(weight) if isinstance(c, UnitTangent) else F.linear(c.expand(*c.shape[:-1], weight.shape[1]), weight)

    return x.map(image, value=lambda c: F.linear(c, weight, bias))


def _convolution(function: Callable[..., Tensor], space: int) -> Callable[..., Series]:
    def rule(x: Series, weight: Tensor, bias: Tensor | None = None, *args: Any, **kwargs: Any) -> Series:
        def apply_to(c: Tensor, offset: Tensor | None) -> Tensor:
            lead = c.shape[: -space - 1]
            result = function(c.reshape(-1, *c.shape[-space - 1 :]), weight, offset, *args, **kwargs)
            return result.reshape(*lead, *result.shape[1:])

        return x.full(*range(-space - 1, 0)).map(lambda c: apply_to(c, None), value=lambda c: apply_to(c, bias))

    return rule


def _pooling(function: Callable[..., Tensor], space: int) -> Callable[..., Series]:
    def rule(x: Series, *args: Any, **kwargs: Any) -> Series:
        def apply_to(c: Tensor) -> Tensor:
            result = function(c.reshape(-1, *c.shape[-space - 1 :]), *args, **kwargs)
            return result.reshape(*c.shape[: -space - 1], *result.shape[1:])

        return x.full(*range(-space - 1, 0)).map(apply_to)

    return rule


def pad(x: Series, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Series:
    """Padding; a constant meets the value only."""
    if mode == "constant":
        return x.full().map(lambda c: F.pad(c, pad), value=lambda c: F.pad(c, pad, mode, value))
    folded = x.full()

    def apply_to(c: Tensor) -> Tensor:
        result = F.pad(c.reshape(-1, *c.shape[1 - x.ndim :]), pad, mode)
        return result.reshape(*c.shape[: c.ndim - x.ndim + 1], *result.shape[1:])

    return folded.map(apply_to)


def total(x: Series, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Series:
    """Sum over axes."""
    dims = axes_from_end(x, dim)
    if not dims:
        return x

    def image(c: Any) -> Tensor:
        if isinstance(c, UnitTangent) and dims == (-1,):
            return c.sum_last(keepdim)
        return torch.sum(x.expanded(c, dims), dims, keepdim)

    return x.map(image, value=lambda c: torch.sum(c, dims, keepdim))


def mean(x: Series, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Series:
    """Mean over axes."""
    dims = axes_from_end(x, dim)
    factor = 1.0 / math.prod([x.shape[d] for d in dims])
    return total(x, dims, keepdim).map(lambda c: c * factor)


def cumulative_sum(x: Series, dim: int) -> Series:
    """Running sum."""
    axis = x.dim_from_end(dim)
    return x.full(axis).map(lambda c: torch.cumsum(c, axis))


RULES: dict[Callable, Callable[..., Any]] = {
    F.linear: linear,
    torch.conv1d: _convolution(torch.conv1d, 1),
    torch.conv2d: _convolution(torch.conv2d, 2),
    torch.conv3d: _convolution(torch.conv3d, 3),
    torch.conv_transpose1d: _convolution(torch.conv_transpose1d, 1),
    torch.conv_transpose2d: _convolution(torch.conv_transpose2d, 2),
    torch.conv_transpose3d: _convolution(torch.conv_transpose3d, 3),
    torch.avg_pool1d: _pooling(torch.avg_pool1d, 1),
    F.avg_pool2d: _pooling(F.avg_pool2d, 2),
    F.avg_pool3d: _pooling(F.avg_pool3d, 3),
    F.unfold: _pooling(F.unfold, 2),
    F.pad: pad,
    torch.sum: total,
    torch.mean: mean,
    torch.cumsum: cumulative_sum,
}
