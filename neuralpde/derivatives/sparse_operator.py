"""Differential operators given term by term, as sparse tensors of coefficients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import torch
from torch import Tensor

from neuralpde.derivatives.directions import Directions
from neuralpde.derivatives.mixed import polarisation

__all__ = ["SparseOperator"]

Coordinates = tuple[int, ...]
Line = tuple[tuple[int, float], ...]
"""Entries of a direction that are not zero, by coordinate."""


class SparseOperator:
    r"""Any linear operator with constant coefficients,  L f = Σ_I c_I ∂_{i₁} … ∂_{i_k} f, of mixed orders.

    A term is named by the coordinates it differentiates along, as an entry of the tensor C in L f = ⟨C, Dᵏf⟩, so that its name does not grow with the
    number of coordinates: ``{(0, 0, 1): 2.0, (2, 2): -1.0}`` is 2 ∂₀²∂₁f − ∂₂²f. The order of the coordinates does not matter; entries that are equal
    up to it add up. Every term is read along straight lines (:func:`polarisation`), and lines that several terms share are taken once.

    Apply it with :func:`~neuralpde.derivatives.differential_operator`.

    Args:
        terms: coefficient of each derivative.

    Attributes:
        terms: the same with sorted coordinates and without zeros.
        ndim: the least number of coordinates that points need.
        total: Z = Σ |c_I|.

    Raises:
        ValueError: no term but zeros, a term of order zero, or a negative coordinate.

    Reference: Shi, Hu, Lin & Kawaguchi, Stochastic Taylor derivative estimator (2024), section 4.3.
    """

    def __init__(self, terms: Mapping[Coordinates, float]) -> None:
        if any(not term or min(term) < 0 for term in terms):
            raise ValueError(
                f"SparseOperator: needs the coordinates of each derivative, counted from 0, got {list(terms)[:5]}; add a multiple of f itself apart."
            )
        found: dict[Coordinates, float] = {}
        for term, coefficient in terms.items():
            name = tuple(sorted(term))
            found[name] = found.get(name, 0.0) + float(coefficient)
        self.terms = {term: coefficient for term, coefficient in found.items() if coefficient}
        if not self.terms:
            raise ValueError(f"SparseOperator: needs at least one coefficient that is not zero, got {len(terms)} terms without one; leave the operator out.")
        self.ndim = max(term[-1] for term in self.terms) + 1
        self._names = tuple(self.terms)
        self._coefficients = torch.tensor(list(self.terms.values()), dtype=torch.float64)
        self.total = float(self._coefficients.abs().sum())

    def every_term(self, x: Tensor) -> tuple[Directions, ...]:
        """Straight lines for all terms, one set for each order.

        Args:
            x: points, for their dimension, type and device.
        """
        return self._directions(x, {term: x.new_tensor([coefficient]) for term, coefficient in self.terms.items()})

    def random_terms(self, x: Tensor, count: int, generator: torch.Generator, *, draws: int = 1) -> tuple[Directions, ...]:
        r"""Straight lines for V terms drawn with replacement, with probability p_I = |c_I|/Z:  L f ≈ Z/V Σ sign(c_I) ∂_I f.

        The variance is (Z Σ |c_I| (∂_I f)² − (L f)²)/V: none if all ∂_I f have one size and the sign of their coefficients.

        Args:
            x: points, for their dimension, type and device.
            count: V.
            generator: source of randomness.
            draws: independent estimates.
        """
        picked = torch.multinomial(self._coefficients.abs().to(generator.device), draws * count, replacement=True, generator=generator)
        distinct, places = torch.unique(picked.cpu(), return_inverse=True)
        counts = torch.nn.functional.one_hot(places.reshape(draws, count), len(distinct)).sum(1).to(x)
        shares = torch.sign(self._coefficients[distinct]).to(x) * (self.total / count)
        return self._directions(x, {self._names[i]: column for i, column in zip(distinct.tolist(), (counts * shares).unbind(1), strict=True)})

    def _directions(self, x: Tensor, chosen: Mapping[Coordinates, Tensor]) -> tuple[Directions, ...]:
        """Lines for the given terms, each with a coefficient for every draw."""
        if x.shape[-1] < self.ndim:
            raise ValueError(f"SparseOperator: needs points with {self.ndim} coordinates or more, got {x.shape[-1]}; correct the terms or the points.")
        lines: dict[int, dict[Line, Tensor]] = {}
        for term, coefficients in chosen.items():
            orders, found = Counter(term), lines.setdefault(len(term), {})
            for direction, weight in zip(*polarisation(tuple(orders.values())), strict=True):
                line = tuple((axis, entry) for axis, entry in zip(orders, direction, strict=True) if entry)
                found[line] = found[line] + weight * coefficients if line in found else weight * coefficients
        return tuple(_as_directions(x, found, order) for order, found in sorted(lines.items()))


def _as_directions(x: Tensor, lines: Mapping[Line, Tensor], order: int) -> Directions:
    rows, axes, values = zip(*((row, axis, entry) for row, line in enumerate(lines) for axis, entry in line), strict=True)
    tangents = x.new_zeros(len(lines), x.shape[-1])
    tangents[list(rows), list(axes)] = x.new_tensor(values)
    return Directions(tangents.reshape(-1, *(1,) * (x.ndim - 1), x.shape[-1]), torch.stack(list(lines.values()), dim=1), order)
