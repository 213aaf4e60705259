"""What a network gets in place of the coordinates, so that it obeys a condition whatever its weights are."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["Embedding", "PeriodicEmbedding"]


class Embedding(nn.Module, ABC):
    """A smooth map of the coordinates, ``(points, coordinates)`` → ``(points, out_features)``.

    Attributes:
        out_features: inputs of the network behind it.
    """

    out_features: int

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """The map; written in operations that jets understand as well."""


class PeriodicEmbedding(Embedding):
    r"""x ↦ cos(2πxᵢ/Lᵢ), sin(2πxᵢ/Lᵢ) for every periodic coordinate, the others as they are.

    Any smooth function of the result is periodic with all of its derivatives, and any smooth periodic function is one, so the first harmonic is enough.

    Args:
        periods: Lᵢ > 0 of every coordinate, in order; None for one that is not periodic, such as the time.

    Raises:
        ValueError: no coordinate, or a period that is not positive.

    Reference: Dong & Ni, A method for representing periodic functions and enforcing exactly periodic boundary conditions with deep neural networks, 2021.
    """

    def __init__(self, periods: Sequence[float | None]) -> None:
        super().__init__()
        if not periods or any(period is not None and period <= 0 for period in periods):
            raise ValueError(f"PeriodicEmbedding: needs positive periods, or None for a coordinate without, got {tuple(periods)}; correct them.")
        self.periods = tuple(periods)
        self.out_features = sum(1 if period is None else 2 for period in periods)

    def forward(self, x: Tensor) -> Tensor:
        """Coordinate by coordinate, the cosine first."""
        parts = []
        for i, period in enumerate(self.periods):
            part = x[..., i : i + 1]
            if period is None:
                parts.append(part)
            else:
                angle = part * (2 * math.pi / period)
                parts += [torch.cos(angle), torch.sin(angle)]
        return torch.cat(parts, dim=-1)
