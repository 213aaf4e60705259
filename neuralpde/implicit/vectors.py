"""Trees of tensors as one vector per sample, and back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

__all__ = ["Layout"]


@dataclass(frozen=True)
class Layout:
    """How the leaves of a tree lie one after the other in a vector ``(*batch, n)``.

    Args:
        structure: the nesting of tuples, lists and dicts.
        shapes: shape of each leaf behind the batch axes.
        batch_dims: number of leading batch axes that all leaves share.
    """

    structure: pytree.TreeSpec
    shapes: tuple[tuple[int, ...], ...]
    batch_dims: int = 0

    @classmethod
    def of(cls, tree: Any, *, batch_dims: int = 0, who: str = "Layout") -> Layout:
        """Layout of a tree whose leaves are all tensors with the same batch axes.

        Raises:
            TypeError: if a leaf is no tensor.
            ValueError: if the batch axes of two leaves differ.
        """
        leaves, structure = pytree.tree_flatten(tree)
        strangers = [type(leaf).__name__ for leaf in leaves if not isinstance(leaf, Tensor)]
        if strangers or not leaves:
            raise TypeError(f"{who}: expected tensors, or tuples and dicts of them, as the unknown, got {strangers or 'nothing'}; return other results as aux.")
        batches = {tuple(leaf.shape[:batch_dims]) for leaf in leaves}
        if len(batches) > 1 or any(leaf.ndim < batch_dims for leaf in leaves):
            found = ", ".join(str(tuple(leaf.shape)) for leaf in leaves)
            raise ValueError(f"{who}: batch_dims={batch_dims} needs that many equal leading axes on every leaf, got {found}; lower batch_dims or add the axes.")
        return cls(structure, tuple(tuple(leaf.shape[batch_dims:]) for leaf in leaves), batch_dims)

    @property
    def sizes(self) -> list[int]:
        """Number of elements of each leaf, per sample."""
        return [math.prod(shape) for shape in self.shapes]

    @property
    def size(self) -> int:
        """Length n of the vector."""
        return sum(self.sizes)

    def pack(self, tree: Any) -> Tensor:
        """Tree → vector ``(*batch, n)``; leaves of different precision meet in the highest."""
        return self.pack_leaves(pytree.tree_leaves(tree))

    def pack_leaves(self, leaves: list[Tensor]) -> Tensor:
        """The same for a list of leaves."""
        flat = [leaf.reshape(*leaf.shape[: leaf.ndim - len(shape)], -1) for leaf, shape in zip(leaves, self.shapes, strict=True)]
        if len(flat) == 1:
            return flat[0]
        highest = flat[0].dtype
        for leaf in flat[1:]:
            highest = torch.promote_types(highest, leaf.dtype)
        return torch.cat([leaf.to(highest) for leaf in flat], -1)

    def unpack_leaves(self, vector: Tensor) -> list[Tensor]:
        """Vector ``(*batch, n)`` → leaves; leading axes beyond the batch axes are kept."""
        if len(self.shapes) == 1:
            return [vector.reshape((*vector.shape[:-1], *self.shapes[0]))]
        parts = vector.split(self.sizes, -1)
        return [part.reshape((*part.shape[:-1], *shape)) for part, shape in zip(parts, self.shapes, strict=True)]

    def unpack(self, vector: Tensor) -> Any:
        """Vector ``(*batch, n)`` → tree."""
        if self.structure.is_leaf():
            return vector.reshape((*vector.shape[:-1], *self.shapes[0]))
        return pytree.tree_unflatten(self.unpack_leaves(vector), self.structure)

    def matches(self, tree: Any) -> bool:
        """Whether a tree has this structure and these shapes."""
        leaves, structure = pytree.tree_flatten(tree)
        return structure == self.structure and all(
            isinstance(leaf, Tensor) and tuple(leaf.shape[self.batch_dims :]) == shape for leaf, shape in zip(leaves, self.shapes, strict=True)
        )

    def __str__(self) -> str:
        return ", ".join(str(shape) for shape in self.shapes)
