"""A tensor expanded in a truncated Taylor series."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from typing_extensions import Self

from neuralpde.derivatives.taylor.truncation import Coefficient, Coefficients, Truncation
from neuralpde.derivatives.taylor.unit_tangent import UnitTangent

__all__ = ["Series", "align", "axes_from_end", "broadcast", "common"]


class Series:
    """Normalised Taylor coefficients of a tensor: the data that all rules work on.

    The value has the shape of the tensor. Every other coefficient has one leading axis more (directions, or sums of them if collapsed), as many
    trailing axes, and may have size 1 where all entries are equal; None is a structural zero, which costs nothing.

    Args:
        coefficients: one per index of the truncation, value first.
        truncation: which coefficients are kept.
    """

    def __init__(self, coefficients: Sequence[Coefficient], truncation: Truncation) -> None:
        self.coefficients: Coefficients = list(coefficients)
        self.truncation = truncation

    @property
    def value(self) -> Tensor:
        """The coefficient of order zero."""
        return self.coefficients[0]

    @property
    def shape(self) -> torch.Size:
        """Shape of the value."""
        return self.value.shape

    @property
    def ndim(self) -> int:
        """Number of axes of the value."""
        return self.value.ndim

    @property
    def dtype(self) -> torch.dtype:
        """Type of the value."""
        return self.value.dtype

    @property
    def device(self) -> torch.device:
        """Device of the value."""
        return self.value.device

    def like(self, coefficients: Sequence[Coefficient], truncation: Truncation | None = None) -> Self:
        """A series of the same kind with other coefficients."""
        return type(self)(coefficients, self.truncation if truncation is None else truncation)

    def map(self, function: Callable[[Any], Any], *, value: Callable[[Any], Any] | None = None) -> Self:
        """A linear map of every coefficient that does not see the leading axis; ``value`` differs where there is a constant part."""
        mapped = [None if c is None else function(c) for c in self.coefficients[1:]]
        return self.like([(value or function)(self.value), *mapped])

    def full(self, *dims: int) -> Self:
        """The same with the given axes (negative) of every coefficient at their true size; all axes if none is given."""
        axes = dims or tuple(range(-self.ndim, 0))
        return self.like([self.value, *(None if c is None else self.expanded(c, axes) for c in self.coefficients[1:])])

    def expanded(self, coefficient: Coefficient, axes: Sequence[int]) -> Coefficient:
        """A coefficient with the given axes (negative) at their true size, as a tensor."""
        if isinstance(coefficient, UnitTangent):
            coefficient = coefficient.dense()
        sizes = [-1] * coefficient.ndim
        for axis in axes:
            sizes[axis] = self.shape[axis]
        return coefficient.expand(sizes)

    def dim_from_end(self, dim: int, *, added: int = 0) -> int:
        """An axis counted from the end, which holds with and without the leading axis."""
        return dim if dim < 0 else dim - self.ndim - added

    def cut(self, truncation: Truncation) -> Self:
        """What a smaller truncation keeps of it."""
        if truncation is self.truncation:
            return self
        places = [self.truncation.position(index) for index in truncation.indices]
        return self.like([None if place is None else self.coefficients[place] for place in places], truncation)


def align(coefficients: Sequence[Coefficient], ndim: int) -> Coefficients:
    """Coefficients of a tensor with new axes of size 1 in front, so that it has ``ndim``; the leading axis stays first."""
    missing = ndim - coefficients[0].ndim
    if missing <= 0:
        return list(coefficients)
    full = [c.dense() if isinstance(c, UnitTangent) else c for c in coefficients]
    return [full[0], *(None if c is None else c.reshape(c.shape[0], *(1,) * missing, *c.shape[1:]) for c in full[1:])]


def common(a: Series, b: Series) -> tuple[Series, Series]:
    """Two series with the same truncation."""
    truncation = a.truncation.common(b.truncation)
    return a.cut(truncation), b.cut(truncation)


def broadcast(a: Series, b: Series) -> tuple[Coefficients, Coefficients, Truncation]:
    """Coefficients of two series that combine elementwise."""
    a, b = common(a, b)
    ndim = max(a.ndim, b.ndim)
    return align(a.coefficients, ndim), align(b.coefficients, ndim), a.truncation


def axes_from_end(x: Series, dim: int | Sequence[int] | None) -> tuple[int, ...]:
    """Axes counted from the end, all of them for None."""
    if dim is None:
        return tuple(range(-x.ndim, 0))
    return tuple(x.dim_from_end(d) for d in ([dim] if isinstance(dim, int) else dim))
