"""What a constrained solution must satisfy: families of rows, each with its own scale."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.boundaries import Boundary, Side
from neuralpde.constraints.local_derivatives import LocalDerivatives
from neuralpde.constraints.local_field import Leaf
from neuralpde.constraints.partition import Partition
from neuralpde.constraints.space_time import SpaceTime
from neuralpde.equations.base import Equation

__all__ = ["BoundaryRows", "InitialRows", "ResidualRows", "RowFamily"]


@dataclass(frozen=True, eq=False)
class RowFamily(ABC):
    """Rows that must vanish, of one kind.

    A family names the points where its rows stand and computes them from the derivatives of the solution there. The sum of squares of a family is
    divided by its number of points, so that ``scale`` means the same whatever that number is.

    Args:
        scale: weight of the rows, in the inverse of their unit.
        count: points to draw at random, new at every call; None for all of them.
        local: an expert sees only those of its own block; otherwise every expert sees all.
    """

    scale: float = 1.0
    count: int | None = None
    local: bool = False

    @abstractmethod
    def where(self, domain: SpaceTime) -> Tensor:
        """Boolean mask of the points where the rows stand, on the grid of ``domain``."""

    @abstractmethod
    def values(self, u: Leaf, d: LocalDerivatives, equation: Equation, initial: Tensor) -> Tensor:
        """The rows without their scale.

        Args:
            u: the solution at the points.
            d: its derivatives.
            equation: with the coefficients of the batch.
            initial: initial state at the node of every point.

        Shape: ``(batch, channel, points)``.
        """

    def points(self, domain: SpaceTime, partition: Partition, generator: torch.Generator | None) -> tuple[Tensor, Tensor]:
        """Flat indices of the rows' points, ``(blocks, points)`` or ``(1, points)`` if shared, and which of them are no padding.

        Raises:
            ValueError: points need to be drawn and there is no generator, or a block holds none.
        """
        mask = self.where(domain).flatten()
        cells, valid = partition.support() if self.local else (mask.nonzero().T, torch.ones(1, int(mask.sum()), dtype=torch.bool))
        valid = valid & mask[cells]
        if not bool(valid.any(dim=1).all()):
            raise ValueError(f"{type(self).__name__}: every block needs at least one point, got {valid.sum(1).tolist()}; cut differently or set local=False.")
        wanted = int(valid.sum(1).max())
        if self.count is None or self.count >= wanted:
            order = (~valid).long().argsort(dim=1, stable=True)[:, :wanted]
        else:
            if generator is None:
                raise ValueError(f"{type(self).__name__}: drawing {self.count} points needs a generator, got none; pass one, or set count=None for all points.")
            order = torch.rand(cells.shape, generator=generator).masked_fill(~valid, 2.0).argsort(dim=1)[:, : self.count]
        return cells.gather(1, order), valid.gather(1, order)

    def weights(self, valid: Tensor) -> Tensor:
        """Weight of every row, ``(blocks, points)``: scale / √(number of points), zero for padding."""
        return self.scale * valid.double() / valid.sum(dim=1, keepdim=True).double().sqrt()


@dataclass(frozen=True, eq=False)
class ResidualRows(RowFamily):
    """The residual of the equation, uₜ − rhs(u), inside: not at the first frame and not at the ends of bounded axes, where the solution is given.

    Args:
        squared: take the square of the residual as row, as the published code does for the Navier–Stokes equations: the solver then minimises the sum of
            fourth powers, which no longer is a Gauss–Newton problem with a good model near the solution.
    """

    local: bool = True
    squared: bool = False

    @override
    def where(self, domain: SpaceTime) -> Tensor:
        mask = torch.ones(domain.shape, dtype=torch.bool)
        mask[0] = False
        for axis, wraps in enumerate(domain.grid.periodic):
            if not wraps:
                mask.select(axis + 1, 0)[:] = False
                mask.select(axis + 1, domain.grid.shape[axis] - 1)[:] = False
        return mask

    @override
    def values(self, u: Leaf, d: LocalDerivatives, equation: Equation, initial: Tensor) -> Tensor:
        residual = d.values(equation.residual(u, d))
        return residual.square() if self.squared else residual


@dataclass(frozen=True, eq=False)
class InitialRows(RowFamily):
    """The first frame less the initial state."""

    @override
    def where(self, domain: SpaceTime) -> Tensor:
        mask = torch.zeros(domain.shape, dtype=torch.bool)
        mask[0] = True
        return mask

    @override
    def values(self, u: Leaf, d: LocalDerivatives, equation: Equation, initial: Tensor) -> Tensor:
        return d.values(u) - initial


def _face(domain: SpaceTime, axis: int, side: Side) -> Tensor:
    """Points of one side at all times but the first, where the initial state may contradict the condition."""
    mask = torch.zeros(domain.shape, dtype=torch.bool)
    mask.select(axis + 1, 0 if side == "lower" else domain.grid.shape[axis] - 1)[1:] = True
    return mask


@dataclass(frozen=True, eq=False)
class BoundaryRows(RowFamily):
    """A boundary condition at one side, at all times but the first.

    Args:
        condition: any :class:`~neuralpde.boundaries.Boundary`; its ``row`` is what must vanish.
        axis: space axis.
        side: which end of it.
    """

    condition: Boundary | None = None
    axis: int = 0
    side: Side = "lower"

    def __post_init__(self) -> None:
        if self.condition is None:
            raise ValueError("BoundaryRows: needs a boundary condition, got none; give condition=Dirichlet(...), Neumann(...) or Robin(...).")

    @override
    def where(self, domain: SpaceTime) -> Tensor:
        return _face(domain, self.axis, self.side)

    @override
    def values(self, u: Leaf, d: LocalDerivatives, equation: Equation, initial: Tensor) -> Tensor:
        outward = -1.0 if self.side == "lower" else 1.0
        return self.condition.row(d.values(u), outward * d.values(d.dx(u, self.axis)))  # type: ignore[union-attr]
