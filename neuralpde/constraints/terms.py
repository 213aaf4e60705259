"""Differential terms of basis fields: computed once on the grid, then only summed."""

from __future__ import annotations

import copy
import dataclasses
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.constraints.local_field import Leaf, MultiIndex
from neuralpde.constraints.space_time import SpaceTime
from neuralpde.constraints.time_difference import TimeDifference
from neuralpde.derivatives import Trajectory, analyse
from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.equations.base import Equation

__all__ = ["STATE", "BasisDerivatives", "TermList", "repeated", "sliced"]

STATE = "state"
"""Name of the unknown among the leaves."""


class BasisDerivatives(Trajectory):
    """:class:`~neuralpde.derivatives.Trajectory` for ``(batch, basis, time, channel, *space)``, which remembers non-local results.

    Attributes:
        recorded: results of :meth:`solve_poisson`, in call order.
    """

    def __init__(self, space: Derivatives, times: Tensor, *, difference: TimeDifference) -> None:
        super().__init__(space, times, order=2)
        self._difference = difference(times)
        self.lead = 3
        self.space = copy.copy(self.space)
        self.space.lead = 3
        self.recorded: list[Tensor] = []

    @override
    def solve_poisson(self, f: Field) -> Field:
        self.recorded.append(super().solve_poisson(f))
        return self.recorded[-1]

    def derivative(self, u: Tensor, index: MultiIndex) -> Tensor:
        """Derivative of order ``index`` in (t, x₁, …)."""
        for _ in range(index[0]):
            u = self.dt(u)
        for axis, order in enumerate(index[1:]):
            u = self.dx(u, axis, order) if order else u
        return u


@dataclass(frozen=True)
class TermList:
    """Which derivatives of which fields an equation needs, in a fixed order: the rows of every table.

    Args:
        slots: (leaf, multi-index) pairs; the unknown first, then recorded non-local results.
        channels: channels per field.
    """

    slots: tuple[tuple[str, MultiIndex], ...]
    channels: int

    @classmethod
    def of(cls, equation: Equation, ndim: int) -> TermList:
        """Terms of an equation, first derivatives for the boundary rows included.

        Raises:
            TypeError: a non-local operator other than ``solve_poisson``; one of a product of unknowns, such as a pressure, which is no sum over basis
                fields; or one in a system.
        """
        analysis = analyse(equation, ndim)
        foreign = [leaf for leaf in analysis.nonlocal_leaves if not leaf.startswith("poisson")]
        if foreign:
            raise TypeError(f"TermList: {type(equation).__name__} needs local terms and solve_poisson only, got {foreign}; its constraint is not supported.")
        if analysis.nonlocal_degree > 1 or (analysis.nonlocal_leaves and len(equation.fields) > 1):
            raise TypeError(
                f"TermList: non-local terms must be linear in a single unknown, got degree {analysis.nonlocal_degree:g} of {len(equation.fields)} field(s) in "
                f"{type(equation).__name__}; use a form without them, as VorticityNavierStokes is one of VelocityNavierStokes."
            )
        first = [tuple(int(slot == place) for place in range(ndim + 1)) for slot in range(0 if not equation.steady else 1, ndim + 1)]
        wanted: dict[str, set[MultiIndex]] = {STATE: set(first)}
        for name, index in analysis.indices:
            wanted.setdefault(name if name in analysis.nonlocal_leaves else STATE, set()).add(index)
        leaves = [STATE, *analysis.nonlocal_leaves]
        return cls(tuple((leaf, index) for leaf in leaves if leaf in wanted for index in sorted(_closure(wanted[leaf]))), len(equation.fields))

    @property
    def num_terms(self) -> int:
        """Rows of a table, one for each slot and channel."""
        return len(self.slots) * self.channels

    def tabulate(self, basis: Tensor, equation: Equation, domain: SpaceTime, space: Derivatives, difference: TimeDifference) -> Tensor:
        """Every term of every basis field on the whole grid.

        Args:
            basis: ``(batch, basis, time, channel, *space)``.
            equation: with coefficients of this batch.
            domain: its times are those of the frames.
            space: provider of space derivatives on the grid.
            difference: forms the time derivative.

        Shape: → ``(batch, basis, terms, time, *space)``.
        """
        d = BasisDerivatives(space, domain.times.to(basis), difference=difference)
        leaves = {STATE: basis}
        if any(leaf != STATE for leaf, _ in self.slots):
            equation.rhs(basis, d)
            names = list(dict.fromkeys(leaf for leaf, _ in self.slots if leaf != STATE))
            leaves.update(zip(names, d.recorded, strict=True))
        columns = [d.derivative(leaves[leaf], index) for leaf, index in self.slots]
        # (batch, basis, slot, time, channel, *space) → channels beside their slot
        return torch.stack(columns, dim=2).movedim(4, 3).flatten(2, 3)

    def leaves(self, terms: Tensor) -> tuple[Leaf, list[Leaf]]:
        """The unknown, and the recorded results, from term values ``(batch, terms, points)``."""
        tables: dict[str, dict[MultiIndex, Tensor]] = {}
        for number, (leaf, index) in enumerate(self.slots):
            tables.setdefault(leaf, {})[index] = terms[:, number * self.channels : (number + 1) * self.channels]
        return Leaf(tables[STATE]), [Leaf(table, name) for name, table in tables.items() if name != STATE]


def _closure(indices: set[MultiIndex]) -> set[MultiIndex]:
    """All indices below, which product rules need."""
    return {lower for index in indices for lower in itertools.product(*(range(order + 1) for order in index))}


def repeated(equation: Equation, times: int) -> Equation:
    """The equation for a batch in which every sample stands ``times`` times in a row."""
    return _each_tensor(equation, lambda values: values.repeat_interleave(times, dim=0)) if times > 1 else equation


def sliced(equation: Equation, which: slice) -> Equation:
    """The equation for some samples of the batch."""
    return _each_tensor(equation, lambda values: values[which])


def _each_tensor(value: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """An equation or a coefficient with its batch changed; profiles are changed field by field, closures stay."""
    if isinstance(value, Tensor):
        return change(value) if value.ndim else value
    if isinstance(value, tuple):
        return tuple(_each_tensor(entry, change) for entry in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(value, **{part.name: _each_tensor(getattr(value, part.name), change) for part in dataclasses.fields(value) if part.init})
    return value
