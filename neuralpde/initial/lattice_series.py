"""Trigonometric series on a full lattice of wavevectors, fast enough for thousands of modes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from typing_extensions import Self

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.initial.profiles import Profile

__all__ = ["LatticeSeries"]


@dataclass(frozen=True, eq=False)
class LatticeSeries(Profile):
    r"""Σₘ aₘ cos(2π Σᵢ mᵢxᵢ/Lᵢ) + bₘ sin(2π Σᵢ mᵢxᵢ/Lᵢ) over −M ≤ mᵢ ≤ M, the last mᵢ ≥ 0: a function, the same at every resolution.

    The sum runs one axis at a time, which is what makes it cheap.

    Args:
        cosines: aₘ, ``(batch, channel, 2M + 1, …, M + 1)``, whole numbers ascending along every axis.
        sines: bₘ, likewise.
        lengths: periods Lᵢ, ``(batch, ndim)``.

    Limits: coordinates must be tensors, of a grid or of points; use :class:`~neuralpde.initial.FourierSeries` where they are Taylor series.
    """

    steady: ClassVar[bool] = True

    cosines: Tensor
    sines: Tensor
    lengths: Tensor

    @classmethod
    def of(cls, coefficients: Tensor, lengths: Sequence[float]) -> Self:
        """The series with batch 1 of the complex coefficients a − ib, ``(channel, 2M + 1, …, M + 1)``."""
        periods = torch.tensor([tuple(lengths)], dtype=torch.float64)
        return cls(cosines=coefficients.real[None].clone(), sines=-coefficients.imag[None], lengths=periods)

    def __call__(self, d: Derivatives) -> Field:
        """Values at the coordinates of ``d``."""
        x = torch.broadcast_tensors(*d.x)
        space = x[0].shape[-d.space_axes :]
        flat = [axis.reshape(-1, math.prod(space)) for axis in x]
        coefficients = torch.complex(self.cosines, -self.sines)
        rows = []
        for i, lengths in enumerate(self.lengths):
            # Coordinates of a grid have batch 1.
            rows.append(self._one(coefficients[i], [points[i % len(points)] for points in flat], lengths))
        return torch.stack(rows).reshape(len(rows), *(1,) * (d.lead - 1), -1, *space)

    @staticmethod
    def _one(coefficients: Tensor, x: list[Tensor], lengths: Tensor) -> Tensor:
        """One trajectory, ``(channel, points)``."""
        largest = coefficients.shape[-1] - 1
        # Channels first, then points: (channel, lattice…) → (channel, points).
        waves = _waves(x[-1], lengths[-1], 0, largest).to(coefficients.dtype)
        total = (coefficients @ waves.T).movedim(-1, 1)
        for axis in reversed(range(len(x) - 1)):
            total = (total * _waves(x[axis], lengths[axis], -largest, largest).to(coefficients.dtype).reshape(-1, *(1,) * axis, 2 * largest + 1)).sum(-1)
        return total.real


def _waves(x: Tensor, length: Tensor, first: int, last: int) -> Tensor:
    """exp(2πi m x/L) for m from ``first`` to ``last``, ``(points, modes)``."""
    m = torch.arange(first, last + 1, dtype=x.dtype, device=x.device)
    angles = 2 * math.pi / length * x.unsqueeze(-1) * m
    return torch.polar(torch.ones_like(angles), angles)
