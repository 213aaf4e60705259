"""The rows of all families as functions of the weights of the basis."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from neuralpde.constraints.local_derivatives import LocalDerivatives
from neuralpde.constraints.rows import RowFamily
from neuralpde.constraints.terms import TermList, sliced
from neuralpde.equations.base import Equation

__all__ = ["Placed", "RowSystem"]


@dataclass(frozen=True, eq=False)
class Placed:
    """A family of rows at its points, ready to be evaluated on term values.

    Args:
        family: what is computed.
        weights: of every row, ``(batch, points)``.
        terms: order of the term values.
        equation: with coefficients of the batch.
        t: times of the points, ``(batch, 1, points)``.
        x: their coordinates, one such tensor per axis.
        initial: initial state at their nodes, ``(batch, channel, points)``.
    """

    family: RowFamily
    weights: Tensor
    terms: TermList
    equation: Equation
    t: Tensor
    x: tuple[Tensor, ...]
    initial: Tensor

    def __call__(self, values: Tensor) -> Tensor:
        """Weighted rows ``(batch, channel, points)`` from term values ``(batch, terms, points)``."""
        u, recorded = self.terms.leaves(values)
        d = LocalDerivatives(self.t, self.x, recorded)
        return self.weights.unsqueeze(1) * self.family.values(u, d, self.equation, self.initial)

    def part(self, which: slice) -> Placed:
        """The rows of some problems of the batch."""
        return dataclasses.replace(
            self,
            weights=self.weights[which],
            equation=sliced(self.equation, which),
            t=self.t[which],
            x=tuple(values[which] for values in self.x),
            initial=self.initial[which],
        )

    def slopes(self, values: Tensor) -> Tensor:
        """Derivative of the rows by every term, ``(batch, channel, terms, points)``: one reverse pass per channel, since points do not interact."""
        rows, pull = torch.func.vjp(self, values)  # pyright: ignore[reportAssignmentType]
        channels = range(rows.shape[1])
        cotangents = [torch.zeros_like(rows).index_fill(1, torch.tensor([c], device=rows.device), 1.0) for c in channels]
        return torch.stack([pull(cotangent)[0] for cotangent in cotangents], dim=1)


@dataclass(frozen=True, eq=False)
class RowSystem:
    r"""The non-linear least-squares problem of the weights w:  min ½ Σ rows(offset + Σₙ wₙ basisₙ)² + ½ (ridge ‖w‖)².

    Every row depends on w through the weighted sums of the tabulated terms at its point, U = offset + Σₙ wₙ Aₙ, so that the Jacobian is ∂row/∂U · A
    in closed form and no derivative passes through the network. A system is a batch of independent problems; the tables are arguments of all
    methods, so that derivatives by them can be asked for.

    Args:
        families: rows at their points.
        ridge: ρ ≥ 0, a row ρ wₙ for every weight.
    """

    families: Sequence[Placed]
    ridge: float = 0.0

    def part(self, which: slice) -> RowSystem:
        """Some problems of the batch; their tables are sliced alike."""
        return RowSystem([placed.part(which) for placed in self.families], self.ridge)

    def rows(self, w: Tensor, *tables: Tensor) -> Tensor:
        """All rows, ``(batch, rows)``.

        Args:
            w: weights ``(batch, basis)``.
            tables: for every family terms of the basis ``(batch, basis, terms, points)``, then its offset ``(batch, terms, points)``.
        """
        parts = [placed(_summed(w, basis, offset)).flatten(1) for placed, basis, offset in self._each(tables)]
        return torch.cat([*parts, self.ridge * w], dim=1)

    def jacobian(self, w: Tensor, *tables: Tensor) -> Tensor:
        """Derivative of the rows by the weights, ``(batch, rows, basis)``."""
        blocks = []
        for placed, basis, offset in self._each(tables):
            slopes = placed.slopes(_summed(w, basis, offset))
            blocks.append(torch.einsum("bckp,bnkp->bcpn", slopes, basis).flatten(1, 2))
        eye = torch.eye(w.shape[1], dtype=w.dtype, device=w.device).expand(len(w), -1, -1)
        return torch.cat([*blocks, self.ridge * eye], dim=1)

    def gradient(self, w: Tensor, *tables: Tensor) -> Tensor:
        """Jᵀ rows, ``(batch, basis)``: zero at the solution. Differentiable in all arguments."""
        total = self.ridge**2 * w
        for placed, basis, offset in self._each(tables):
            rows, pull = torch.func.vjp(placed, _summed(w, basis, offset))  # pyright: ignore[reportAssignmentType]
            total = total + torch.einsum("bkp,bnkp->bn", pull(rows)[0], basis)
        return total

    def linearised_gradient(self, reference: Tensor) -> Callable[..., Tensor]:
        """Jᵀ rows whose derivative by w is JᵀJ: the rows are replaced by their linear model around ``reference``, with J held fixed in w."""

        def gradient(w: Tensor, *tables: Tensor) -> Tensor:
            j = self.jacobian(reference, *tables)
            rows = self.rows(reference, *tables) + torch.einsum("brn,bn->br", j, w - reference)
            return torch.einsum("brn,br->bn", j, rows)

        return gradient

    def _each(self, tables: Sequence[Tensor]) -> list[tuple[Placed, Tensor, Tensor]]:
        return [(placed, tables[2 * i], tables[2 * i + 1]) for i, placed in enumerate(self.families)]


def _summed(w: Tensor, basis: Tensor, offset: Tensor) -> Tensor:
    return offset + torch.einsum("bn,bnkp->bkp", w, basis)
