"""Sums over directions in which all of them count the same."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["EqualWeights", "Weights"]


@dataclass(frozen=True)
class EqualWeights:
    """Every sum takes its own equal share of the directions, all with one weight.

    Stands for the matrix of weights ``(sums, directions)``, but needs no product: the backward pass of a plain sum costs nothing.

    Args:
        sums: number of sums.
        directions: number of directions, a multiple of ``sums``.
        weight: what each direction counts.
    """

    sums: int
    directions: int
    weight: float

    @property
    def shape(self) -> tuple[int, int]:
        """``(sums, directions)``."""
        return self.sums, self.directions

    def reduce(self, x: Tensor) -> Tensor:
        """``(directions, …)`` → ``(sums, …)``."""
        total = x.sum(0, keepdim=True) if self.sums == 1 else x.unflatten(0, (self.sums, -1)).sum(1)
        return total if self.weight == 1.0 else self.weight * total

    def matrix(self, like: Tensor) -> Tensor:
        """The weights as a tensor of the type and on the device of another."""
        share = like.new_full((1, self.directions // self.sums), self.weight)
        return torch.kron(torch.eye(self.sums, dtype=like.dtype, device=like.device), share)


Weights = Tensor | EqualWeights
"""``(sums, directions)``."""
