"""Directions along single coordinates, without the zeros."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

__all__ = ["UnitTangent"]


class UnitTangent:
    r"""A coefficient ``(directions, *lead, ndim)`` whose r-th row is zero except at one coordinate.

    A linear layer then reads one column of its weight per direction, instead of multiplying a one-hot matrix. Products with tensors, squares and sums over
    the last axis keep the form; anything else makes the full tensor first, which costs directions × points × ndim numbers.

    Args:
        indices: coordinate of each direction, ``(directions,)``.
        values: the entry there, ``(directions, *lead)`` with lead axes of any broadcastable size.
        ndim: length of the last axis.
    """

    def __init__(self, indices: Tensor, values: Tensor, ndim: int) -> None:
        self.indices, self.values, self.size_last = indices, values, ndim

    @property
    def shape(self) -> torch.Size:
        """Shape of the full tensor."""
        return torch.Size((*self.values.shape, self.size_last))

    @property
    def ndim(self) -> int:
        """Number of axes of the full tensor."""
        return self.values.ndim + 1

    def dense(self) -> Tensor:
        """The full tensor."""
        zeros = self.values.new_zeros(self.shape)
        return zeros.scatter(-1, self._columns(1).expand(*self.values.shape, 1), self.values.unsqueeze(-1))

    def _columns(self, trailing: int) -> Tensor:
        return self.indices.reshape(-1, *(1,) * (self.values.ndim - 1 + trailing))

    def _like(self, values: Tensor) -> UnitTangent:
        return UnitTangent(self.indices, values, self.size_last)

    def pick(self, factor: Tensor) -> Tensor:
        """Entries of ``(*lead, ndim)`` or ``(directions, *lead, ndim)`` at the coordinates, as ``(directions, *lead)``."""
        if factor.ndim < self.ndim:
            factor = factor.reshape(*(1,) * (self.ndim - 1 - factor.ndim), *factor.shape)
            if factor.shape[-1] == 1:
                return factor.squeeze(-1).unsqueeze(0)
            return factor.index_select(-1, self.indices).movedim(-1, 0)
        if factor.shape[-1] == 1:
            return factor.squeeze(-1)
        columns = self._columns(1).expand(len(self.indices), *factor.shape[1:-1], 1)
        return factor.expand(len(self.indices), *factor.shape[1:]).gather(-1, columns).squeeze(-1)

    def weighted_sum(self, weights: Tensor) -> Tensor:
        """Sums over directions, ``(sums, directions)`` → ``(sums, *lead, ndim)``."""
        columns = weights.T.reshape(-1, weights.shape[0], *(1,) * (self.values.ndim - 1)) * self.values.unsqueeze(1)
        zeros = columns.new_zeros(*columns.shape[1:], self.size_last)
        return zeros.index_add(-1, self.indices, columns.movedim(0, -1))

    def linear(self, weight: Tensor) -> Tensor:
        """Image under a linear layer: the columns of its weight, ``(directions, *lead, out)``."""
        # Contiguous, or all products with it inherit its order of axes and have to be copied for the next layer.
        columns = weight.index_select(1, self.indices).T.contiguous()
        return self.values.unsqueeze(-1) * columns.reshape(-1, *(1,) * (self.values.ndim - 1), columns.shape[-1])

    def sum_last(self, keepdim: bool) -> Tensor:
        """Sum over the last axis, where one entry is not zero."""
        return self.values.unsqueeze(-1) if keepdim else self.values

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, UnitTangent):
            # Only tangents of one draw meet, and they share their coordinates.
            return self._like(self.values * other.values) if other.indices is self.indices else self.dense() * other.dense()
        if isinstance(other, Tensor) and other.ndim > 0:
            return self._like(self.values * self.pick(other)) if other.ndim <= self.ndim else self.dense() * other
        return self._like(self.values * other)

    __rmul__ = __mul__

    def __neg__(self) -> UnitTangent:
        return self._like(-self.values)

    def __add__(self, other: Any) -> Any:
        if isinstance(other, UnitTangent) and other.indices is self.indices:
            return self._like(self.values + other.values)
        return self.dense() + (other.dense() if isinstance(other, UnitTangent) else other)

    __radd__ = __add__

    @classmethod
    def __torch_function__(cls, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Products keep the structure, all else goes to the full tensor."""
        del types
        kwargs = kwargs or {}
        first = args[0] if args else None
        if func in (torch.Tensor.mul, torch.mul):
            return args[0].__mul__(args[1]) if isinstance(first, UnitTangent) else args[1].__mul__(args[0])
        full = [arg.dense() if isinstance(arg, UnitTangent) else arg for arg in args]
        return func(*full, **kwargs)
