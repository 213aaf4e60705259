"""Square linear maps known by their products, one for each sample of a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

__all__ = ["Factor", "Operator", "Product"]

Product = Callable[[Tensor], Tensor]
"""``(*batch, n)`` → ``(*batch, n)``, linear and without coupling between samples."""


@dataclass(frozen=True)
class Factor:
    """A matrix that a solver has factorised, for as many right-hand sides as one likes.

    Args:
        tensors: what the solver made of the matrix; known to it alone.
        flipped: whether the transposed of that matrix is meant.
    """

    tensors: tuple[Tensor, ...]
    flipped: bool = False


@dataclass(frozen=True)
class Operator:
    """A block-diagonal linear map: v ↦ Av and u ↦ Aᵀu.

    Args:
        apply: v ↦ Av for all samples at once.
        apply_transposed: u ↦ Aᵀu.
        ridge: ρ ≥ 0; the map is A + ρI.
        prepare: builds what the transposed products share; called before they are taken under ``torch.vmap``, which nothing made inside may leave.
        matrix: A itself, ``(*batch, n, n)``, if it is known.
        factor: of A + ρI, if a solver has one already.
        single: the same map for one vector per sample, if the vectors have an axis that the matrices lack.
        axis: that axis.

    Shape: ``(*batch, n)`` → ``(*batch, n)``.
    """

    apply: Product
    apply_transposed: Product
    ridge: float = 0.0
    prepare: Callable[[], object] | None = None
    matrix: Tensor | None = None
    factor: Factor | None = None
    single: Operator | None = None
    axis: int = 0

    def __call__(self, v: Tensor) -> Tensor:
        """Av + ρv."""
        return self.apply(v) + self.ridge * v if self.ridge else self.apply(v)

    @property
    def transposed(self) -> Operator:
        """The map Aᵀ."""
        return replace(
            self,
            apply=self.apply_transposed,
            apply_transposed=self.apply,
            matrix=None if self.matrix is None else self.matrix.transpose(-1, -2),
            factor=None if self.factor is None else replace(self.factor, flipped=not self.factor.flipped),
            single=None if self.single is None else self.single.transposed,
        )

    def repeated(self, axis: int) -> Operator:
        """The map for vectors with one more axis, the same matrix for all of them."""

        def many(product: Product) -> Product:
            def apply(v: Tensor) -> Tensor:
                if self.prepare is not None:
                    self.prepare()
                return torch.vmap(product, in_dims=axis, out_dims=axis)(v)

            return apply

        return Operator(many(self.apply), many(self.apply_transposed), self.ridge, self.prepare, single=self, axis=axis)

    def dense(self, like: Tensor) -> Tensor:
        """All matrices ``(*batch, n, n)``, from n vectorised products that serve every sample of the batch at once.

        Args:
            like: any tensor of the right shape, type and device for a vector.
        """
        if self.single is not None:
            return replace(self.single, ridge=self.ridge).dense(like.select(self.axis, 0))
        n = like.shape[-1]
        if self.matrix is not None:
            return self.matrix + self.ridge * torch.eye(n, dtype=like.dtype, device=like.device) if self.ridge else self.matrix
        basis = torch.eye(n, dtype=like.dtype, device=like.device)
        if self.prepare is not None:
            self.prepare()
        columns = torch.vmap(lambda e: self(e.expand(like.shape).clone()))(basis)
        return columns.movedim(0, -1)

    def by_columns(self, b: Tensor, substitute: Callable[[Tensor], Tensor]) -> Tensor:
        """Apply to vectors what works on the columns of matrices ``(*batch, n, k)``: vectors that share a matrix stand side by side."""
        repeats = self._repeats()
        if not repeats:
            return substitute(b.unsqueeze(-1)).squeeze(-1)
        last = tuple(range(-len(repeats), 0))
        columns = b.movedim(repeats, last)
        return substitute(columns.flatten(-len(repeats))).unflatten(-1, columns.shape[-len(repeats) :]).movedim(last, repeats)

    def _repeats(self) -> tuple[int, ...]:
        """All axes that vectors have and matrices lack."""
        if self.single is None:
            return ()
        return (self.axis, *(inner + (inner >= self.axis) for inner in self.single._repeats()))
