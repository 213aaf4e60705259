"""Smooth random profiles between two bounds on an interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.initial.profiles import Profile

__all__ = ["CosineSeries", "RandomCosineSeries"]


@dataclass(frozen=True, eq=False)
class CosineSeries(Profile):
    r"""level + Σⱼ aⱼ cos(jπ x / L), j = 1…J; its slope vanishes at both ends of [0, L].

    Args:
        level: the mean, ``(batch,)``.
        amplitudes: aⱼ, ``(batch, J)``; J may be zero.
        length: L, ``(batch,)``.
    """

    level: Tensor
    amplitudes: Tensor
    length: Tensor

    def __call__(self, d: Derivatives) -> Field:
        """Values at the coordinates of ``d``, one channel."""
        phase = math.pi * d.x[0] / d.lift(self.length)
        total = d.lift(self.level) + 0.0 * phase
        for index, amplitude in enumerate(self.amplitudes.unbind(-1), start=1):
            total = total + d.lift(amplitude) * torch.cos(index * phase)
        return total


@dataclass(frozen=True)
class RandomCosineSeries:
    r"""Law of :class:`CosineSeries` with values in [low, high]: the level is uniform there, aⱼ ~ N(0, 1)/j scaled so that no sum of them can leave.

    Without terms the profile is one constant per trajectory, uniform on [low, high).

    Args:
        low: lower bound.
        high: upper bound, above ``low``.
        num_terms: J.
        share: Σ|aⱼ| as a share of the distance from the level to the nearer bound, in [0, 1].
        length: L.

    Raises:
        ValueError: bounds in the wrong order, or a share outside [0, 1].
    """

    low: float = 0.0
    high: float = 0.2
    num_terms: int = 0
    share: float = 0.9
    length: float = 1.0

    def __post_init__(self) -> None:
        if not self.high > self.low or not 0 <= self.share <= 1 or self.num_terms < 0:
            raise ValueError(
                f"RandomCosineSeries: needs high > low, num_terms >= 0 and share in [0, 1], got {self.low}, {self.high}, {self.num_terms} and {self.share}; "
                "correct the data config."
            )

    def __call__(self, generator: torch.Generator) -> CosineSeries:
        """One draw, a series with batch 1."""
        level = self.low + (self.high - self.low) * torch.rand(1, generator=generator, dtype=torch.float64)
        amplitudes = torch.randn(1, self.num_terms, generator=generator, dtype=torch.float64) / torch.arange(1, self.num_terms + 1)
        room = self.share * torch.minimum(level - self.low, self.high - level)
        amplitudes = amplitudes * room.unsqueeze(-1) / amplitudes.abs().sum(-1, keepdim=True).clamp(min=1e-12)
        return CosineSeries(level=level, amplitudes=amplitudes, length=torch.full((1,), self.length, dtype=torch.float64))
