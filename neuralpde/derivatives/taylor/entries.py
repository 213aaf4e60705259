"""Entries of series picked, moved and repeated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from neuralpde.derivatives.taylor.series import Series, axes_from_end

__all__ = ["RULES", "entries_of", "gather", "narrow", "select"]


def entries_of(numbers: Sequence[Any]) -> tuple[int, ...]:
    """Numbers given one by one or as one sequence."""
    return tuple(numbers[0]) if len(numbers) == 1 and isinstance(numbers[0], (tuple, list, torch.Size)) else tuple(numbers)


def select(x: Series, index: Any) -> Series:
    """Indexing. Every direction is indexed alone where index tensors occur, for their axes would move otherwise."""
    entries = index if isinstance(index, tuple) else (index,)
    if any(isinstance(entry, (Tensor, list)) for entry in entries):
        return x.full().map(lambda c: torch.stack([row[index] for row in c.unbind(0)]), value=lambda c: c[index])
    return x.full().map(lambda c: c[(slice(None), *entries)], value=lambda c: c[index])


def index_select(x: Series, dim: int, index: Tensor) -> Series:
    """Entries picked along one axis."""
    axis = x.dim_from_end(dim)
    return x.full(axis).map(lambda c: torch.index_select(c, axis, index))


def narrow(x: Series, dim: int, start: int, length: int) -> Series:
    """A slice of one axis."""
    axis = x.dim_from_end(dim)
    return x.full(axis).map(lambda c: torch.narrow(c, axis, start, length))


def gather(x: Series, dim: int, index: Tensor) -> Series:
    """Entries picked along one axis, by an index for each entry of the result."""
    axis = x.dim_from_end(dim)
    return x.full().map(lambda c: torch.gather(c, axis, index.expand(c.shape[0], *index.shape)), value=lambda c: torch.gather(c, axis, index))


def take_along_dim(x: Series, indices: Tensor, dim: int | None = None) -> Series:
    """As :func:`gather`, with indices that broadcast; of all entries in one row if no axis is given."""
    if dim is None:
        rows = x.full().map(lambda c: c.reshape(c.shape[0], -1), value=torch.flatten)
        return take_along_dim(rows, indices.flatten(), 0)
    axis = x.dim_from_end(dim)
    return x.full().map(lambda c: torch.take_along_dim(c, indices.unsqueeze(0), axis), value=lambda c: torch.take_along_dim(c, indices, axis))


def diagonal(x: Series, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Series:
    """Entries whose indices along two axes differ by the offset, along a new last axis."""
    first, second = x.dim_from_end(dim1), x.dim_from_end(dim2)
    return x.full(first, second).map(lambda c: torch.diagonal(c, offset, first, second))


def lower_triangle(x: Series, diagonal: int = 0) -> Series:
    """Zeros above a diagonal."""
    return x.full(-2, -1).map(lambda c: torch.tril(c, diagonal))


def upper_triangle(x: Series, diagonal: int = 0) -> Series:
    """Zeros below a diagonal."""
    return x.full(-2, -1).map(lambda c: torch.triu(c, diagonal))


def unfold(x: Series, dimension: int, size: int, step: int) -> Series:
    """Windows of one axis, along a new last axis."""
    axis = x.dim_from_end(dimension)
    return x.full(axis).map(lambda c: c.unfold(axis, size, step))


def flip(x: Series, *dims: Any) -> Series:
    """Axes reversed."""
    axes = [x.dim_from_end(d) for d in entries_of(dims)]
    return x.full(*axes).map(lambda c: torch.flip(c, axes))


def roll(x: Series, shifts: Any, dims: Any = None) -> Series:
    """Entries moved along axes, periodically; through all of them in a row if no axis is given."""
    if dims is None:
        return x.full().map(lambda c: torch.roll(c.flatten(1), shifts, 1).reshape(c.shape), value=lambda c: torch.roll(c, shifts))
    axes = axes_from_end(x, dims)
    return x.full(*axes).map(lambda c: torch.roll(c, shifts, axes))


def repeat(x: Series, *sizes: Any) -> Series:
    """The whole tensor put side by side, along new axes in front if there are more numbers than axes."""
    numbers = entries_of(sizes)
    new = (1,) * (len(numbers) - x.ndim)
    return x.full().map(lambda c: c.reshape(c.shape[0], *new, *c.shape[1:]).repeat(1, *numbers), value=lambda c: c.repeat(numbers))


def tile(x: Series, *sizes: Any) -> Series:
    """As :func:`repeat`; axes in front for which no number is given stay as they are."""
    numbers = entries_of(sizes)
    return repeat(x, (*(1,) * (x.ndim - len(numbers)), *numbers))


def repeat_interleave(x: Series, repeats: int | Tensor, dim: int | None = None) -> Series:
    """Entries repeated along one axis, or all of them in a row."""
    if dim is None:
        return repeat_interleave(x.full().map(lambda c: c.flatten(1), value=torch.flatten), repeats, 0)
    axis = x.dim_from_end(dim)
    return x.full(axis).map(lambda c: torch.repeat_interleave(c, repeats, axis))


def itself(x: Series) -> Series:
    """A copy is not needed: nothing changes a series in place."""
    return x


def detach(x: Series) -> Series:
    """The value as a constant, for these derivatives as for those of autograd."""
    return x.like([x.value.detach(), *[None] * (len(x.truncation) - 1)])


RULES: dict[Callable, Callable[..., Any]] = {
    torch.index_select: index_select,
    torch.gather: gather,
    torch.take_along_dim: take_along_dim,
    torch.narrow: narrow,
    torch.diagonal: diagonal,
    torch.tril: lower_triangle,
    torch.triu: upper_triangle,
    torch.Tensor.unfold: unfold,
    torch.flip: flip,
    torch.roll: roll,
    torch.Tensor.repeat: repeat,
    torch.tile: tile,
    torch.repeat_interleave: repeat_interleave,
    torch.clone: itself,
    torch.detach: detach,
}
