"""Shapes of series, and the pieces they are split into and joined from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from neuralpde.derivatives.taylor.entries import entries_of, narrow
from neuralpde.derivatives.taylor.series import Series, axes_from_end, common

__all__ = ["RULES", "concatenate", "flatten", "reshape", "squeeze", "unsqueeze"]


def reshape(x: Series, *shape: Any) -> Series:
    """Another shape with the same entries. Leading axes that stay may be shared: directions that all points have in common are not copied for each."""
    target = entries_of(shape)
    resolved = torch.Size(target) if -1 not in target else x.value.reshape(target).shape
    kept = _common_start(x.shape[:-1], resolved[:-1])
    full = x.full(*range(kept - x.ndim, 0))
    return full.map(lambda c: c.reshape(*c.shape[: kept + 1], *resolved[kept:]), value=lambda c: c.reshape(resolved))


def _common_start(a: Sequence[int], b: Sequence[int]) -> int:
    return next((i for i, (left, right) in enumerate(zip(a, b, strict=False)) if left != right), min(len(a), len(b)))


def flatten(x: Series, start_dim: int = 0, end_dim: int = -1) -> Series:
    """Neighbouring axes merged."""
    return reshape(x, tuple(torch.flatten(x.value, start_dim, end_dim).shape))


def unflatten(x: Series, dim: int, sizes: Sequence[int]) -> Series:
    """One axis split."""
    return reshape(x, tuple(x.value.unflatten(dim, sizes).shape))


def expand(x: Series, *shape: Any) -> Series:
    """Axes of size one repeated, new ones in front."""
    target = x.value.expand(*entries_of(shape)).shape
    return x.full().map(lambda c: _with_axes(c, x.ndim, len(target)).expand(c.shape[0], *target), value=lambda c: c.expand(target))


def _with_axes(c: Tensor, ndim: int, target: int) -> Tensor:
    return c.reshape(c.shape[0], *(1,) * (target - ndim), *c.shape[1:])


def squeeze(x: Series, dim: int | Sequence[int] | None = None) -> Series:
    """Axes of size one removed."""
    dims = tuple(d for d in axes_from_end(x, dim) if x.shape[d] == 1)
    return x.map(lambda c: torch.squeeze(c, dims)) if dims else x


def unsqueeze(x: Series, dim: int) -> Series:
    """A new axis of size one."""
    axis = x.dim_from_end(dim, added=1)
    return x.map(lambda c: torch.unsqueeze(c, axis))


def transpose(x: Series, dim0: int, dim1: int) -> Series:
    """Two axes exchanged."""
    first, second = x.dim_from_end(dim0), x.dim_from_end(dim1)
    return x.map(lambda c: torch.transpose(c, first, second))


def movedim(x: Series, source: int, destination: int) -> Series:
    """One axis moved."""
    first, second = x.dim_from_end(source), x.dim_from_end(destination)
    return x.map(lambda c: torch.movedim(c, first, second))


def permute(x: Series, *dims: Any) -> Series:
    """Axes in another order."""
    order = [d % x.ndim for d in entries_of(dims)]
    return x.map(lambda c: torch.permute(c, (0, *(d + 1 for d in order))), value=lambda c: torch.permute(c, order))


def split(x: Series, split_size_or_sections: Any, dim: int = 0) -> tuple[Series, ...]:
    """Pieces along one axis."""
    axis = x.dim_from_end(dim)
    sizes = [len(piece) for piece in torch.split(torch.arange(x.shape[axis]), split_size_or_sections)]
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    return tuple(narrow(x, axis, start, size) for start, size in zip(starts, sizes, strict=True))


def chunk(x: Series, chunks: int, dim: int = 0) -> tuple[Series, ...]:
    """Pieces of about equal size along one axis."""
    return split(x, -(-x.shape[dim] // chunks), dim)


def unbind(x: Series, dim: int = 0) -> tuple[Series, ...]:
    """The entries of one axis."""
    axis = x.dim_from_end(dim)
    return tuple(narrow(x, axis, i, 1).map(lambda c: torch.squeeze(c, axis)) for i in range(x.shape[axis]))


def concatenate(tensors: Sequence[Any], dim: int = 0) -> Series:
    """Series and constants one after the other."""
    like = next(entry for entry in tensors if isinstance(entry, Series))
    axis = like.dim_from_end(dim)
    parts = [entry if isinstance(entry, Series) else like.like([entry, *[None] * (len(like.truncation) - 1)]) for entry in tensors]
    shortest = parts[0]
    for part in parts[1:]:
        shortest = common(shortest, part)[0]
    parts = [part.cut(shortest.truncation).full(axis) for part in parts]
    places = range(1, len(shortest.truncation))
    joined = [_join([part.coefficients[k] for part in parts], [part.shape[axis] for part in parts], axis) for k in places]
    return like.like([torch.cat([part.value for part in parts], axis), *joined], shortest.truncation)


def _join(pieces: list[Tensor | None], sizes: list[int], axis: int) -> Tensor | None:
    present = [piece for piece in pieces if piece is not None]
    if not present:
        return None
    # Sizes of one stay where all pieces have them: directions shared by all points remain shared.
    shape = list(torch.broadcast_shapes(*(_without(piece, axis).shape for piece in present)))
    filled = []
    for piece, size in zip(pieces, sizes, strict=True):
        target = [*shape]
        target[axis] = size
        filled.append(present[0].new_zeros(target) if piece is None else piece.expand(target))
    return torch.cat(filled, axis)


def _without(piece: Tensor, axis: int) -> Tensor:
    return piece.narrow(axis, 0, 1)


def stack(tensors: Sequence[Any], dim: int = 0) -> Series:
    """Series and constants along a new axis."""
    like = next(entry for entry in tensors if isinstance(entry, Series))
    axis = like.dim_from_end(dim, added=1)
    return concatenate([unsqueeze(entry, axis) if isinstance(entry, Series) else torch.unsqueeze(entry, axis) for entry in tensors], axis)


def broadcast_tensors(*tensors: Any) -> list[Any]:
    """Series and constants with one shape."""
    shape = torch.broadcast_shapes(*(entry.shape for entry in tensors))
    return [expand(entry, shape) if isinstance(entry, Series) else entry.expand(shape) for entry in tensors]


RULES: dict[Callable, Callable[..., Any]] = {
    torch.reshape: reshape,
    torch.flatten: flatten,
    torch.unflatten: unflatten,
    torch.Tensor.expand: expand,
    torch.broadcast_to: expand,
    torch.squeeze: squeeze,
    torch.unsqueeze: unsqueeze,
    torch.transpose: transpose,
    torch.swapaxes: transpose,
    torch.movedim: movedim,
    torch.permute: permute,
    torch.split: split,
    torch.chunk: chunk,
    torch.unbind: unbind,
    torch.cat: concatenate,
    torch.concat: concatenate,
    torch.concatenate: concatenate,
    torch.stack: stack,
    torch.broadcast_tensors: broadcast_tensors,
}
