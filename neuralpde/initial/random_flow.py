"""Random plane flows without divergence: initial states of turbulence."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from neuralpde.initial.lattice_series import LatticeSeries
from neuralpde.initial.random_lattice import LogNormalSpectrum, RandomLatticeField, Spectrum

__all__ = ["RandomVelocity", "RandomVorticity"]

TWO_PI = 2 * math.pi


@dataclass(frozen=True)
class RandomVelocity:
    """Law of an isotropic plane velocity field without divergence and mean, scaled to a given largest speed.

    Two independent fields with the same spectrum, one per component, of which only the solenoidal part is kept.

    Args:
        max_speed: largest speed, taken on a grid of 4 points per shortest wave.
        spectrum: standard deviation of the coefficients of the velocity; its scale cancels.
        lengths: period of each axis.
        max_mode: largest whole wavenumber per axis.

    Reference: the initial law of Kochkov et al., *Machine learning–accelerated computational fluid dynamics*, PNAS 118 (2021).
    """

    max_speed: float = 7.0
    spectrum: Spectrum = field(default_factory=LogNormalSpectrum)
    lengths: tuple[float, float] = (TWO_PI, TWO_PI)
    max_mode: int = 32

    def __post_init__(self) -> None:
        object.__setattr__(self, "lengths", tuple(float(length) for length in self.lengths))
        if len(self.lengths) != 2 or self.max_speed <= 0:
            raise ValueError(f"{type(self).__name__}: needs two lengths and max_speed > 0, got {self.lengths} and {self.max_speed}; correct them.")

    def velocity(self, generator: torch.Generator) -> Tensor:
        """One draw of the complex coefficients of both components, ``(2, 2M + 1, M + 1)``."""
        law = RandomLatticeField(self.spectrum, self.lengths, self.max_mode)
        kx, ky = self._wavevectors(law)
        # The solenoidal part of isotropic noise is one random amplitude along (k_y, −k_x)/|k| per wavevector.
        amplitude = law.coefficients(generator) / (kx**2 + ky**2).sqrt().clamp_min(torch.finfo(torch.float64).tiny)
        flow = torch.stack([1j * ky * amplitude, -1j * kx * amplitude])
        return flow * (self.max_speed / _largest_speed(flow, self.max_mode))

    def _wavevectors(self, law: RandomLatticeField) -> tuple[Tensor, Tensor]:
        kx, ky = (2 * math.pi * law.modes().double() / torch.tensor(self.lengths, dtype=torch.float64)).unbind(-1)
        return kx, ky

    def __call__(self, generator: torch.Generator) -> LatticeSeries:
        """One draw, a series of two channels with batch 1."""
        return LatticeSeries.of(self.velocity(generator), self.lengths)


@dataclass(frozen=True)
class RandomVorticity(RandomVelocity):
    """Law of the vorticity of :class:`RandomVelocity`: the same generator gives the same flow."""

    def __call__(self, generator: torch.Generator) -> LatticeSeries:
        """One draw, a series of one channel with batch 1."""
        vx, vy = self.velocity(generator)
        kx, ky = self._wavevectors(RandomLatticeField(self.spectrum, self.lengths, self.max_mode))
        return LatticeSeries.of((1j * (kx * vy - ky * vx)).unsqueeze(0), self.lengths)


def _largest_speed(flow: Tensor, max_mode: int) -> float:
    """Maximum of |v| over a grid, from the coefficients of both components."""
    n = 4 * max_mode
    padded = torch.zeros(2, n, n, dtype=flow.dtype)
    padded[:, torch.arange(-max_mode, max_mode + 1), : max_mode + 1] = flow
    return float(torch.fft.ifft2(padded, norm="forward").real.square().sum(0).max().sqrt())
