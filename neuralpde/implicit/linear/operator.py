"""Square linear maps known by their products, one for each sample of a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Operator", "Product"]

Product = Callable[[Tensor], Tensor]
"""``(*batch, n)`` → ``(*batch, n)``, linear and without coupling between samples."""


@dataclass(frozen=True)
class Operator:
    """A block-diagonal linear map: v ↦ Av and u ↦ Aᵀu.

    Args:
        apply: v ↦ Av for all samples at once.
        apply_transposed: u ↦ Aᵀu.
        ridge: ρ ≥ 0; the map is A + ρI.
        matrix: A itself, ``(*batch, n, n)``, if it is known.
        prepare: builds what the transposed products share; called before they are taken under ``torch.vmap``, which nothing made inside may leave.

    Shape: ``(*batch, n)`` → ``(*batch, n)``.
    """

    apply: Product
    apply_transposed: Product
    ridge: float = 0.0
    prepare: Callable[[], object] | None = None
    matrix: Tensor | None = None

    def __call__(self, v: Tensor) -> Tensor:
        """Av + ρv."""
        return self.apply(v) + self.ridge * v if self.ridge else self.apply(v)

    @property
    def transposed(self) -> Operator:
        """The map Aᵀ."""
        return Operator(self.apply_transposed, self.apply, self.ridge, self.prepare, None if self.matrix is None else self.matrix.transpose(-1, -2))

    def dense(self, like: Tensor) -> Tensor:
        """All matrices ``(*batch, n, n)``, from n vectorised products that serve every sample of the batch at once.

        Args:
            like: any ``(*batch, n)`` tensor of the right shape, type and device.
        """
        n = like.shape[-1]
        if self.matrix is not None:
            return self.matrix + self.ridge * torch.eye(n, dtype=like.dtype, device=like.device) if self.ridge else self.matrix
        basis = torch.eye(n, dtype=like.dtype, device=like.device)
        if self.prepare is not None:
            self.prepare()
        columns = torch.vmap(lambda e: self(e.expand(like.shape).clone()))(basis)
        return columns.movedim(0, -1)
