"""Choices between series: the value decides, all coefficients follow."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from neuralpde.derivatives.taylor.arithmetic import add
from neuralpde.derivatives.taylor.series import Series

__all__ = ["RULES"]


def where(condition: Tensor, a: Any, b: Any) -> Series:
    """A where the condition holds, b elsewhere."""
    like = a if isinstance(a, Series) else b
    first, second = (_as_series(entry, like) for entry in (a, b))
    mask = condition.to(like.dtype)
    chosen = add(_masked(first, mask), _masked(second, 1.0 - mask))
    # The value itself is chosen, not masked: the branch not taken may be infinite.
    return chosen.like([torch.where(condition, first.value, second.value), *chosen.coefficients[1:]])


def _as_series(entry: Any, like: Series) -> Series:
    if isinstance(entry, Series):
        return entry
    value = entry if isinstance(entry, Tensor) else torch.as_tensor(entry, dtype=like.dtype, device=like.device)
    return like.like([value, *[None] * (len(like.truncation) - 1)])


def _masked(x: Series, mask: Tensor) -> Series:
    from_mask = torch.where(mask > 0, 1.0, 0.0).to(x.dtype)
    zero = torch.zeros((), dtype=x.dtype, device=x.device)
    missing = max(mask.ndim - x.ndim, 0)
    coefficients = [None if c is None else c.reshape(c.shape[0], *(1,) * missing, *c.shape[1:]) for c in x.full().coefficients[1:]]
    value = x.value if x.ndim >= mask.ndim else x.value.reshape(*(1,) * missing, *x.shape)
    return x.like([value * 0.0, *(None if c is None else torch.where(from_mask > 0, c, zero) for c in coefficients)])


def maximum(a: Any, b: Any) -> Series:
    """The larger of two."""
    return where(_value(a) >= _value(b), a, b)


def minimum(a: Any, b: Any) -> Series:
    """The smaller of two."""
    return where(_value(a) <= _value(b), a, b)


def clamp(x: Series, min: Any = None, max: Any = None) -> Series:
    """Limited from below and above."""
    x = x if min is None else where(x.value >= min, x, min)
    return x if max is None else where(x.value <= max, x, max)


def _value(x: Any) -> Any:
    return x.value if isinstance(x, Series) else x


def _compared(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda a, b: operation(_value(a), _value(b))


RULES: dict[Callable, Callable[..., Any]] = {
    torch.where: where,
    torch.maximum: maximum,
    torch.minimum: minimum,
    torch.clamp: clamp,
    torch.gt: _compared(operator.gt),
    torch.ge: _compared(operator.ge),
    torch.lt: _compared(operator.lt),
    torch.le: _compared(operator.le),
    torch.Tensor.gt: _compared(operator.gt),
    torch.Tensor.ge: _compared(operator.ge),
    torch.Tensor.lt: _compared(operator.lt),
    torch.Tensor.le: _compared(operator.le),
    torch.sign: lambda x: torch.sign(_value(x)),
    torch.zeros_like: lambda x, **options: torch.zeros_like(_value(x), **options),
    torch.ones_like: lambda x, **options: torch.ones_like(_value(x), **options),
    torch.full_like: lambda x, fill, **options: torch.full_like(_value(x), fill, **options),
}
