"""Directions along which an operator is read, and the exact set of them."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from neuralpde.derivatives.taylor import EqualWeights, UnitTangent, Weights

if TYPE_CHECKING:
    from neuralpde.derivatives.sparse_operator import SparseOperator

__all__ = ["DirectionLaw", "Directions", "EveryDirection", "unit_directions"]


@dataclass(frozen=True, eq=False)
class Directions:
    r"""Directions v_r and weights with  L f ≈ Σᵣ w_{gr} Dᴷf[v_r, …, v_r]  for each g.

    Drawn once, they can be reused: all points of one evaluation share them, which makes the first layer cheap, and a compiled function takes them as
    an argument.

    Args:
        tangents: ``(directions, 1, ndim)``, or one row per point ``(directions, points, ndim)``.
        weights: ``(draws, directions)``, a matrix or :class:`EqualWeights`; each row is one independent, unbiased estimate, and an exact operator has one row.
        order: K.
    """

    tangents: Tensor | UnitTangent
    weights: Weights
    order: int


class DirectionLaw(ABC):
    """How directions are chosen for each operator: all of them, or a random sample with the right moments.

    Every method takes the points only for their dimension, type and device.
    """

    @abstractmethod
    def laplacian(self, x: Tensor) -> Directions:
        """For Δf."""

    @abstractmethod
    def biharmonic(self, x: Tensor) -> Directions:
        """For Δ²f."""

    @abstractmethod
    def pure(self, x: Tensor, order: int) -> Directions:
        """For Σᵢ ∂ᵏf/∂xᵢᵏ."""

    @abstractmethod
    def quadratic(self, x: Tensor, factor: Tensor, signs: Tensor) -> Directions:
        """For tr(F diag(s) Fᵀ ∇²f) with ``factor`` F, ``(ndim, columns)`` or ``(points, ndim, columns)``, and signs s ``(columns,)``."""

    @abstractmethod
    def terms(self, x: Tensor, operator: SparseOperator) -> tuple[Directions, ...]:
        """For an operator given term by term, one set of directions for each order that occurs."""


def unit_directions(x: Tensor, indices: Tensor) -> UnitTangent:
    """Unit vectors along the given coordinates, shared by all points."""
    return UnitTangent(indices, x.new_ones(len(indices), *(1,) * (x.ndim - 1)), x.shape[-1])


class EveryDirection(DirectionLaw):
    """No sampling: the operators are exact.

    The Laplacian takes one direction per coordinate, the biharmonic one per pair of coordinates, a quadratic form one per column, and a mixed derivative the
    lines of its polarisation.
    """

    def laplacian(self, x: Tensor) -> Directions:
        """All coordinates."""
        return self.pure(x, 2)

    def pure(self, x: Tensor, order: int) -> Directions:
        """All coordinates."""
        ndim = x.shape[-1]
        return Directions(unit_directions(x, torch.arange(ndim, device=x.device)), EqualWeights(1, ndim, 1.0), order)

    def biharmonic(self, x: Tensor) -> Directions:
        r"""d² directions:  Δ²f = (1 − (d−1)/3) Σᵢ F₄(eᵢ) + ⅙ Σ_{i<j} [F₄(eᵢ + eⱼ) + F₄(eᵢ − eⱼ)]."""
        ndim = x.shape[-1]
        eye = torch.eye(ndim, dtype=x.dtype, device=x.device)
        pairs = list(itertools.combinations(range(ndim), 2))
        first, second = (eye[[pair[side] for pair in pairs]] for side in (0, 1))
        rows = torch.cat([eye, first + second, first - second])
        weights = torch.cat([x.new_full((ndim,), 1 - (ndim - 1) / 3), x.new_full((2 * len(pairs),), 1 / 6)])
        return Directions(rows.reshape(-1, *(1,) * (x.ndim - 1), ndim), weights[None], 4)

    def quadratic(self, x: Tensor, factor: Tensor, signs: Tensor) -> Directions:
        """All columns."""
        return Directions(columns_as_directions(x, factor), signs[None].to(x), 2)

    def terms(self, x: Tensor, operator: SparseOperator) -> tuple[Directions, ...]:
        """All terms."""
        return operator.every_term(x)


def columns_as_directions(x: Tensor, factor: Tensor) -> Tensor:
    """Columns of ``(ndim, columns)`` or ``(points, ndim, columns)`` as ``(columns, points or 1, ndim)``."""
    rows = factor.to(x).movedim(-1, 0)
    return rows.reshape(rows.shape[0], *(1,) * (x.ndim + 1 - rows.ndim), *rows.shape[1:])
