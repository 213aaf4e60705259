"""The derivative provider of scattered points of a space-time grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.constraints.local_field import Coordinate, Leaf, LocalField, shifted
from neuralpde.derivatives.base import Derivatives, Field

__all__ = ["LocalDerivatives"]


class LocalDerivatives(Derivatives):
    """Derivatives of :class:`~neuralpde.constraints.local_field.LocalField`, which carry them along.

    A field is ``(batch, channel, points)``. Non-local operators are replayed: their results were computed on the full grid, once per basis
    field, and are handed out in call order.

    Args:
        t: time of every point, ``(batch, 1, points)``.
        x: coordinates of every point, one tensor of that shape per axis.
        replayed: results of :meth:`solve_poisson`, in call order.

    Limits: the operand of :meth:`solve_poisson` must be linear in the state, else a sum of recorded results is not the result of the sum.
    """

    space_axes = 1

    def __init__(self, t: Tensor, x: Sequence[Tensor], replayed: Sequence[Leaf] = ()) -> None:
        self.t, self.x = Coordinate(t, 0), tuple(Coordinate(values, axis + 1) for axis, values in enumerate(x))
        self.ndim = len(self.x)
        self._waiting = list(replayed)

    def _index(self, slot: int, order: int) -> tuple[int, ...]:
        return tuple(order if place == slot else 0 for place in range(self.ndim + 1))

    @override
    def dx(self, u: Field, axis: int = 0, order: int = 1) -> Field:
        return shifted(u, self._index(axis + 1, order))

    @override
    def dt(self, u: Field) -> Field:
        return shifted(u, self._index(0, 1))

    @override
    def solve_poisson(self, f: Field) -> Field:
        if not self._waiting:
            raise TypeError("LocalDerivatives: solve_poisson needs a recorded result for every call, got one call too many; tabulate the equation again.")
        return self._waiting.pop(0)

    @override
    def split(self, u: Field) -> tuple[Field, ...]:
        if not isinstance(u, Leaf):
            raise TypeError(f"LocalDerivatives: split needs the state itself, got {type(u).__name__}; split before computing.")
        return u.channels()

    @override
    def join(self, *fields: Field) -> Field:
        values = [self.values(field) for field in fields]
        return torch.cat(torch.broadcast_tensors(*values), dim=1)

    def values(self, field: Any) -> Tensor:
        """The field itself at the points; a number becomes a tensor."""
        value = field.at(self._index(0, 0)) if isinstance(field, LocalField) else field
        return torch.as_tensor(value, dtype=self.t.values.dtype, device=self.t.values.device)
