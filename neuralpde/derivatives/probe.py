"""Analysis of an equation before a run: what it differentiates, how nonlinear it is, what is non-local."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.derivatives.split_operator import SplitOperator

__all__ = ["Analysis", "Probe", "ProbeField", "analyse"]

Index = tuple[str, tuple[int, ...]]
"""A leaf and the order of its derivative in (t, x₁, …)."""


@dataclass(frozen=True, eq=False)
class ProbeField:
    """What is known of a field: the polynomial degrees that occur in it, and which derivatives of which leaves.

    Args:
        low: lowest degree in the leaves.
        high: highest degree; infinite for anything that is not a polynomial.
        indices: the derivatives that occur.
        parts: its channels, if it is a state.
    """

    low: float = 0.0
    high: float = 0.0
    indices: frozenset[Index] = frozenset()
    parts: tuple[ProbeField, ...] = ()

    def _sum(self, other: Any) -> ProbeField:
        if isinstance(other, (int, float)) and other == 0:
            return self
        other = _as_field(other)
        return ProbeField(min(self.low, other.low), max(self.high, other.high), self.indices | other.indices)

    def _product(self, other: Any) -> ProbeField:
        other = _as_field(other)
        return ProbeField(self.low + other.low, self.high + other.high, self.indices | other.indices)

    def function(self) -> ProbeField:
        """A function of the field that is not a polynomial."""
        return ProbeField(0.0, math.inf if self.high > 0 else 0.0, self.indices)

    __add__ = __radd__ = __sub__ = __rsub__ = _sum
    __mul__ = __rmul__ = _product

    def __neg__(self) -> ProbeField:
        return ProbeField(self.low, self.high, self.indices)

    def __truediv__(self, other: Any) -> ProbeField:
        return self * _as_field(other).function()

    def __rtruediv__(self, other: Any) -> ProbeField:
        return _as_field(other) * self.function()

    def __pow__(self, exponent: Any) -> ProbeField:
        if isinstance(exponent, (int, float)) and exponent >= 0 and exponent == int(exponent):
            return ProbeField(self.low * exponent, self.high * exponent, self.indices)
        return (self + exponent).function()

    def _compared(self, other: Any) -> ProbeField:
        return (self + other).function()

    __lt__ = __le__ = __gt__ = __ge__ = _compared

    @classmethod
    def __torch_function__(cls, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> ProbeField:
        """Sums and products keep their degree, any other function of a leaf has an infinite one."""
        del types, kwargs
        fields = [_as_field(arg) for arg in args if isinstance(arg, (ProbeField, Tensor))]
        operation = {"add": ProbeField._sum, "sub": ProbeField._sum, "mul": ProbeField._product}.get(func.__name__)
        if operation is not None and len(fields) == 2:
            return operation(fields[0], fields[1])
        return sum(fields[1:], start=fields[0]).function()


def _as_field(value: Any) -> ProbeField:
    return value if isinstance(value, ProbeField) else ProbeField()


class Probe(Derivatives):
    """A provider that computes nothing and records everything.

    Args:
        ndim: space dimension.
        fields: names of the channels.

    Attributes:
        nonlocal_leaves: results of :meth:`mean` and :meth:`solve_poisson`, in call order.
        nonlocal_degree: highest polynomial degree of what they were asked of; 0 if nothing was asked.
    """

    def __init__(self, ndim: int, fields: tuple[str, ...]) -> None:
        self.ndim = self.space_axes = ndim
        self.fields = fields
        self.t, self.x = ProbeField(), (ProbeField(),) * ndim
        self.nonlocal_leaves: list[str] = []
        self.nonlocal_degree = 0.0

    def state(self) -> ProbeField:
        """The unknown, one leaf per channel."""
        channels = tuple(ProbeField(1, 1, frozenset({(name, (0,) * (self.ndim + 1))})) for name in self.fields)
        return ProbeField(1, 1, frozenset().union(*(channel.indices for channel in channels)), channels)

    def _shift(self, u: Field, slot: int, order: int) -> Field:
        if not isinstance(u, ProbeField):
            return 0.0
        shifted = frozenset((leaf, (*m[:slot], m[slot] + order, *m[slot + 1 :])) for leaf, m in u.indices)
        return ProbeField(u.low, u.high, shifted)

    def dx(self, u: Field, axis: int = 0, order: int = 1) -> Field:
        """Raises the orders of all leaves of ``u``; the lower ones that a product rule needs are implied."""
        return self._shift(u, axis + 1, order)

    def dt(self, u: Field) -> Field:
        """Raises the orders in time."""
        return self._shift(u, 0, 1)

    def _leaf(self, u: Field, kind: str) -> ProbeField:
        self.nonlocal_leaves.append(f"{kind}_{len(self.nonlocal_leaves)}")
        operand = _as_field(u)
        self.nonlocal_degree = max(self.nonlocal_degree, operand.high)
        leaf = (self.nonlocal_leaves[-1], (0,) * (self.ndim + 1))
        return ProbeField(operand.low, operand.high, frozenset({leaf}))

    def mean(self, u: Field, axis: int | None = None) -> Field:
        """A new leaf of the degree of ``u``."""
        del axis
        return self._leaf(u, "mean")

    def solve_poisson(self, f: Field) -> Field:
        """A new leaf of the degree of ``f``."""
        return self._leaf(f, "poisson")

    def split(self, u: Field) -> tuple[Field, ...]:
        """The channels of a state; of a derived field, one copy per channel."""
        return u.parts or (u,) * len(self.fields)

    def join(self, *fields: Field) -> Field:
        """All channels together."""
        total = _as_field(fields[0])
        for field in fields[1:]:
            # Not a sum of numbers: an absent channel (0.0) must not lower the degree.
            total = total + field
        return ProbeField(total.low, total.high, total.indices, tuple(map(_as_field, fields)))

    def lift(self, coefficient: Any) -> Any:
        """Numbers stay, everything else is some field that does not depend on the state; callables are not called."""
        if isinstance(coefficient, tuple):
            return tuple(self.lift(entry) for entry in coefficient)
        return ProbeField() if isinstance(coefficient, Tensor) or callable(coefficient) else coefficient


@dataclass(frozen=True)
class Analysis:
    """What :func:`analyse` found.

    Args:
        degree: polynomial degree of the nonlinear part, infinite if it is no polynomial, 0 if it is absent or only a forcing.
        indices: every (leaf, derivative order in (t, x₁, …)) of both parts.
        nonlocal_leaves: results of means and Poisson solves, in call order.
        nonlocal_degree: highest degree of what these act on: 1 if every one of them is linear in the unknown, 0 without any.
        has_linear: whether there is a linear part.
        has_nonlinear: whether there is a nonlinear part, forcing included.
    """

    degree: float
    indices: frozenset[Index]
    nonlocal_leaves: tuple[str, ...]
    nonlocal_degree: float
    has_linear: bool
    has_nonlinear: bool

    @property
    def orders(self) -> tuple[int, ...]:
        """Highest derivative per space axis."""
        multi_indices = [m[1:] for _, m in self.indices]
        return tuple(max(column) for column in zip(*multi_indices, strict=True)) if multi_indices else ()

    @property
    def dealias(self) -> float:
        """Fraction of the modes to keep: 2/(p + 1) for degree p > 1, else 1.

        For an infinite degree no fraction is free of aliasing; ½ is returned as the customary compromise.
        """
        if math.isinf(self.degree):
            return 0.5
        return 2.0 / (self.degree + 1) if self.degree > 1 else 1.0


def analyse(equation: SplitOperator, ndim: int = 1) -> Analysis:
    """Run an equation on the probe.

    Args:
        equation: any equation.
        ndim: space dimension.

    Raises:
        ValueError: the linear part is not homogeneous of degree one, so its symbol would be wrong.
    """
    d = Probe(ndim, equation.fields)
    lifted, u = equation.on(d), d.state()
    linear, nonlinear = lifted.linear(u, d), lifted.nonlinear(u, d)
    absent = not isinstance(linear, ProbeField)
    if not (absent and linear == 0) and (absent or linear.low != 1 or linear.high != 1):
        found = linear if absent else f"degrees {linear.low:g} to {linear.high:g}"
        raise ValueError(f"{type(equation).__name__}.linear: needs to be homogeneous of degree 1 in u, got {found}; move the other terms to nonlinear.")
    parts = [part for part in (linear, nonlinear) if isinstance(part, ProbeField)]
    return Analysis(
        degree=_as_field(nonlinear).high,
        indices=frozenset().union(*(part.indices for part in parts)),
        nonlocal_leaves=tuple(d.nonlocal_leaves),
        nonlocal_degree=d.nonlocal_degree,
        has_linear=not absent,
        has_nonlinear=isinstance(nonlinear, ProbeField) or nonlinear != 0,
    )
