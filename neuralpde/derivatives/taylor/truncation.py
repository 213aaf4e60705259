"""Which Taylor coefficients are kept, and how those of a product follow from those of its factors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from neuralpde.derivatives.taylor.unit_tangent import UnitTangent
from neuralpde.derivatives.taylor.weights import EqualWeights, Weights

__all__ = ["Coefficient", "Coefficients", "MultiIndex", "Truncation"]

MultiIndex = tuple[int, ...]
"""Exponents of the monomial that a coefficient belongs to."""

Coefficient = Any
"""A tensor, a :class:`UnitTangent`, or None for a structural zero."""

Coefficients = list[Coefficient]
"""One coefficient per index of the truncation."""


class Truncation:
    r"""A downward closed set of multi-indices: all algebra of truncated Taylor series is sums over pairs of them.

    The coefficients are normalised, c_α = ∂^α f/α!. Along one line the set is {0, …, K}; with several variables (time and space of an equation)
    it holds whatever derivatives are needed and everything below. Coefficients other than the first carry a leading axis of directions.

    If ``collapse`` is given, the set is a line and the coefficient of order K is kept already summed over the directions,
    Σᵣ w_{gr} c_K^{(r)}: it enters every rule linearly, so one number replaces R (Dangel et al., Collapsing Taylor mode automatic differentiation, 2025).

    Args:
        indices: multi-indices, closed downwards; sorted by degree here.
        collapse: weights ``(sums, directions)`` of the collapsed coefficient.
        family: truncations that came from the same one, by their indices; leave it out.

    Attributes:
        indices: the multi-indices, of rising degree, zero first.
        degree: largest degree.
    """

    def __init__(
        self, indices: Iterable[MultiIndex], collapse: Weights | None = None, *, family: dict[frozenset[MultiIndex], Truncation] | None = None
    ) -> None:
        self.indices = tuple(sorted(set(indices), key=lambda index: (sum(index), index)))
        self.collapse = collapse
        self.degree = sum(self.indices[-1])
        # Smaller truncations made from this one are made once, with their tables.
        self._family = {} if family is None else family
        self._position = {index: place for place, index in enumerate(self.indices)}
        self._pairs = tuple(tuple(self._factors(index)) for index in self.indices)
        # The derivative of a chain rule is taken along the first variable that occurs; any other would give the same coefficient.
        axes = [next((axis for axis, exponent in enumerate(index) if exponent), 0) for index in self.indices]
        self._chains = tuple(
            tuple((self.indices[p][axis] / self.indices[place][axis], p, q) for p, q in pairs if self.indices[p][axis])
            for place, (pairs, axis) in enumerate(zip(self._pairs, axes, strict=True))
        )

    def _factors(self, index: MultiIndex) -> Iterable[tuple[int, int]]:
        for place, lower in enumerate(self.indices):
            if all(a <= b for a, b in zip(lower, index, strict=True)):
                yield place, self._position[tuple(b - a for a, b in zip(lower, index, strict=True))]

    @classmethod
    def line(cls, order: int, collapse: Weights | None = None) -> Truncation:
        """Orders 0 to ``order`` along one line."""
        return cls([(k,) for k in range(order + 1)], collapse)

    @classmethod
    def below(cls, tops: Iterable[MultiIndex]) -> Truncation:
        """The smallest downward closed set with the given members."""
        found: set[MultiIndex] = set()
        waiting = list(tops)
        while waiting:
            index = waiting.pop()
            if index not in found:
                found.add(index)
                waiting += [(*index[:axis], exponent - 1, *index[axis + 1 :]) for axis, exponent in enumerate(index) if exponent]
        return cls(found)

    def __len__(self) -> int:
        return len(self.indices)

    def position(self, index: MultiIndex) -> int | None:
        """Place of an index, None if it is not kept."""
        return self._position.get(index)

    def common(self, other: Truncation) -> Truncation:
        """What two truncations both keep; itself where they are the same object."""
        if self is other or self.degree == 0:
            return self
        if other.degree == 0:
            return other
        if self.collapse is not None or other.collapse is not None:
            raise ValueError("Jet: collapsed jets need the same directions to be combined, got two sets of them; compute both from one jet.")
        return self if self.indices == other.indices else self._related(frozenset(self.indices) & frozenset(other.indices))

    def _related(self, indices: frozenset[MultiIndex]) -> Truncation:
        if indices not in self._family:
            self._family[indices] = Truncation(indices, family=self._family)
        return self._family[indices]

    def collapsed(self, place: int) -> bool:
        """Whether the coefficient at this place is kept as a sum over directions."""
        return self.collapse is not None and place == len(self.indices) - 1

    def lowered(self, axis: int) -> Truncation | None:
        """What is left of the set after one derivative along a variable, None if nothing is."""
        indices = frozenset((*i[:axis], i[axis] - 1, *i[axis + 1 :]) for i in self.indices if i[axis])
        return self._related(indices) if indices else None

    def convolve(self, place: int, a: Sequence[Coefficient], b: Sequence[Coefficient], multiply: Callable | None = None) -> Coefficient:
        """Coefficient of a product, Σ a_β b_{α−β}. Coefficients that a sequence does not reach yet count as zero."""
        terms = [(1.0, p, q) for p, q in self._pairs[place]]
        return self._sum(place, terms, a, b, multiply)

    def square(self, place: int, a: Sequence[Coefficient]) -> Coefficient:
        """Coefficient of a square; equal pairs are computed once."""
        terms = [(1.0 if p == q else 2.0, p, q) for p, q in self._pairs[place] if p <= q]
        return self._sum(place, terms, a, a, None)

    def chain(self, place: int, x: Sequence[Coefficient], slope: Sequence[Coefficient]) -> Coefficient:
        """Coefficient of y with dy = slope · dx: Σ (β/α) x_β slope_{α−β}."""
        return self._sum(place, self._chains[place], x, slope, None)

    def _sum(self, place: int, terms: Sequence[tuple[float, int, int]], a: Sequence, b: Sequence, multiply: Callable | None) -> Coefficient:
        outer: Coefficient = None
        inner: Coefficient = None
        for factor, p, q in terms:
            if p >= len(a) or q >= len(b) or a[p] is None or b[q] is None:
                continue
            term = _times(a[p], b[q]) if multiply is None else multiply(a[p], b[q], p, q)
            term = term if factor == 1.0 else factor * term
            if self.collapsed(place) and p and q:
                inner = term if inner is None else inner + term
            else:
                outer = term if outer is None else outer + term
        if inner is None:
            return outer
        return self.reduce(inner) if outer is None else outer + self.reduce(inner)

    def reduce(self, coefficient: Coefficient) -> Coefficient:
        """Weighted sums over the directions: ``(directions, …)`` → ``(sums, …)``."""
        if self.collapse is None or coefficient is None:
            return coefficient
        if isinstance(coefficient, UnitTangent):
            return coefficient.weighted_sum(self.collapse.matrix(coefficient.values) if isinstance(self.collapse, EqualWeights) else self.collapse)
        if isinstance(self.collapse, EqualWeights):
            return self.collapse.reduce(coefficient)
        return torch.tensordot(self.collapse, coefficient, dims=1)


def _times(a: Coefficient, b: Coefficient) -> Coefficient:
    # The square of a tensor is one operation less in the backward pass than its product with itself.
    return torch.square(a) if a is b and isinstance(a, Tensor) else a * b
