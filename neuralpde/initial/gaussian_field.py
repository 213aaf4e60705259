"""Smooth random fields on a torus of any dimension."""

from __future__ import annotations

import functools
import itertools
import math
import operator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.initial.profiles import Profile

__all__ = ["FourierSeries", "GaussianField"]


@dataclass(frozen=True, eq=False)
class FourierSeries(Profile):
    r"""Σₘ aₘ cos(kₘ·x) + bₘ sin(kₘ·x): a function, not an array, hence the same field at every resolution.

    Args:
        cosines: aₘ, ``(batch, modes)``.
        sines: bₘ, ``(batch, modes)``.
        wavevectors: kₘ, ``(batch, modes, ndim)``.
    """

    steady: ClassVar[bool] = True

    cosines: Tensor
    sines: Tensor
    wavevectors: Tensor

    def __call__(self, d: Derivatives) -> Field:
        """Values at the coordinates of ``d``, one channel."""
        total = 0.0
        for mode in range(self.cosines.shape[1]):
            angles = [d.lift(k) * x for k, x in zip(self.wavevectors[:, mode].unbind(-1), d.x, strict=True)]
            phase = functools.reduce(operator.add, angles)
            total = total + d.lift(self.cosines[:, mode]) * torch.cos(phase) + d.lift(self.sines[:, mode]) * torch.sin(phase)
        return total


@dataclass(frozen=True)
class GaussianField:
    r"""Law of :class:`FourierSeries`: a stationary Gaussian field of zero mean with spectrum (1 + |k|² ℓ²)^(−s).

    The coefficients are independent normal numbers scaled so that the pointwise standard deviation is ``amplitude``.

    Args:
        lengths: period of each axis; their number is the dimension.
        amplitude: pointwise standard deviation.
        correlation: correlation length ℓ in units of the coordinates.
        smoothness: s; above ndim/2 the untruncated field is continuous.
        max_mode: largest whole wavenumber per axis; the number of terms grows like its ndim-th power.

    Limits: band-limited at ``max_mode``, so a small ℓ needs a large ``max_mode``.
    """

    lengths: tuple[float, ...] = (2 * math.pi, 2 * math.pi)
    amplitude: float = 1.0
    correlation: float = 1.0
    smoothness: float = 3.0
    max_mode: int = 6

    def __post_init__(self) -> None:
        object.__setattr__(self, "lengths", tuple(float(length) for length in self.lengths))
        if self.max_mode < 1 or self.correlation <= 0:
            raise ValueError(f"GaussianField: needs max_mode >= 1 and correlation > 0, got {self.max_mode} and {self.correlation}; enlarge them.")

    def wavevectors(self) -> Tensor:
        """Half of the lattice without the origin, ``(modes, ndim)``; the other half is the complex conjugate."""
        lattice = itertools.product(range(-self.max_mode, self.max_mode + 1), repeat=len(self.lengths))
        half = [m for m in lattice if m > (0,) * len(m)]
        return 2 * math.pi * torch.tensor(half, dtype=torch.float64) / torch.tensor(self.lengths, dtype=torch.float64)

    def __call__(self, generator: torch.Generator) -> FourierSeries:
        """One draw, a series with batch 1."""
        wavevectors = self.wavevectors()
        variance = (1 + self.correlation**2 * wavevectors.square().sum(-1)) ** -self.smoothness
        scale = self.amplitude * (variance / variance.sum()).sqrt()
        cosines, sines = scale * torch.randn(2, 1, len(scale), generator=generator, dtype=torch.float64)
        return FourierSeries(cosines=cosines, sines=sines, wavevectors=wavevectors.unsqueeze(0))
