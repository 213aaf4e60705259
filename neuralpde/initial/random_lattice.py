"""Random periodic fields with a given spectrum."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from neuralpde.initial.lattice_series import LatticeSeries

__all__ = ["LogNormalSpectrum", "PeriodicKernel", "RandomLatticeField", "RationalSpectrum", "Spectrum"]


class Spectrum(Protocol):
    """Standard deviation of the Fourier coefficients of a random field."""

    def __call__(self, modes: Tensor, lengths: Tensor) -> Tensor:
        """σ(m) of the cosine and the sine coefficient of every wavevector 2π mᵢ/Lᵢ; ``(..., ndim)`` whole numbers → ``(...)``."""
        ...


def _magnitude(modes: Tensor, lengths: Tensor) -> Tensor:
    return (2 * math.pi * modes / lengths).square().sum(-1).sqrt()


@dataclass(frozen=True)
class RationalSpectrum:
    r"""σ(k) = 2 s (|k|² + τ²)^(−α/2) with s = τ^(α−1): the fields of the Navier–Stokes sets of Li et al. (2021).

    The covariance is 2 s² (−Δ + τ²)^(−α), twice that of the formula in the paper, as in the generator of the published files; at the
    defaults the standard deviation is 0.262 on the unit square.

    Args:
        tau: τ, inverse correlation length.
        alpha: α, smoothness.

    Reference: Li et al., *Fourier Neural Operator for Parametric Partial Differential Equations*, ICLR 2021, section 5.3.
    """

    tau: float = 7.0
    alpha: float = 2.5

    def __call__(self, modes: Tensor, lengths: Tensor) -> Tensor:
        """See :class:`Spectrum`."""
        return 2 * self.tau ** (self.alpha - 1) * (_magnitude(modes, lengths).square() + self.tau**2) ** (-self.alpha / 2)


@dataclass(frozen=True)
class LogNormalSpectrum:
    r"""σ(k) = exp(−(log k − log k₀ − v)² / 2v) / k²: a ring of wavenumbers about k₀, of arbitrary scale.

    Args:
        peak: k₀, the wavenumber at which k σ(k) is largest.
        variance: v, width of the ring in log k.

    Reference: initial velocity fields of Kochkov et al., *Machine learning–accelerated computational fluid dynamics*, PNAS 118 (2021).
    """

    peak: float = 4.0
    variance: float = 0.25

    def __call__(self, modes: Tensor, lengths: Tensor) -> Tensor:
        """See :class:`Spectrum`."""
        k = _magnitude(modes, lengths)
        return torch.exp(-((k.log() - math.log(self.peak) - self.variance) ** 2) / (2 * self.variance)) / k**2


@dataclass(frozen=True)
class PeriodicKernel:
    r"""σ² of the Gaussian process with covariance exp(−Σᵢ sin²(π(xᵢ − yᵢ)/Lᵢ) / 2ℓ²) and unit variance, its mean included.

    The coefficients of exp(c cos θ) are modified Bessel functions, so σ²(m) = 2 Πᵢ e^(−c) I_{mᵢ}(c) with c = 1/4ℓ².

    Args:
        length: ℓ, relative to the periods.

    Reference: Du, Chalapathi & Krishnapriyan, *Neural Spectral Methods*, ICLR 2024.
    """

    length: float = 0.8

    def __call__(self, modes: Tensor, lengths: Tensor) -> Tensor:
        """See :class:`Spectrum`."""
        del lengths
        c = 1 / (4 * self.length**2)
        m, j = torch.arange(int(modes.abs().max()) + 1, dtype=torch.float64), torch.arange(int(2 * c) + 40, dtype=torch.float64)
        # The power series of the Bessel function; all its terms are positive.
        powers = (2 * j + m.unsqueeze(-1)) * math.log(c / 2) - torch.lgamma(j + 1) - torch.lgamma(m.unsqueeze(-1) + j + 1)
        weights = torch.exp(powers - c).sum(-1)
        return (2 * weights[modes.abs().long()].prod(dim=-1)).sqrt()


@dataclass(frozen=True)
class RandomLatticeField:
    """Law of a scalar :class:`LatticeSeries`: independent normal coefficients with a given spectrum, zero mean.

    Args:
        spectrum: standard deviation of the coefficients.
        lengths: period of each axis; their number is the dimension.
        max_mode: largest whole wavenumber M per axis.

    Limits: band-limited at ``max_mode``.
    """

    spectrum: Spectrum
    lengths: tuple[float, ...] = (1.0, 1.0)
    max_mode: int = 32

    def __post_init__(self) -> None:
        object.__setattr__(self, "lengths", tuple(float(length) for length in self.lengths))
        if self.max_mode < 1:
            raise ValueError(f"{type(self).__name__}: max_mode needs to be at least 1, got {self.max_mode}; raise it.")

    def modes(self) -> Tensor:
        """Wavevectors of the lattice in whole numbers, ``(2M + 1, …, M + 1, ndim)``."""
        full, half = torch.arange(-self.max_mode, self.max_mode + 1), torch.arange(self.max_mode + 1)
        return torch.stack(torch.meshgrid(*[full] * (len(self.lengths) - 1), half, indexing="ij"), dim=-1)

    def coefficients(self, generator: torch.Generator) -> Tensor:
        """One draw of a − ib, complex ``(2M + 1, …, M + 1)``, on one half of the lattice without the origin."""
        modes = self.modes()
        # Of m and −m, both in the lattice where the last entry is 0, the one that comes later counts.
        order = sum(modes[..., axis] * (2 * self.max_mode + 1) ** (modes.shape[-1] - 1 - axis) for axis in range(modes.shape[-1] - 1))
        counted = (modes[..., -1] > 0) | (torch.as_tensor(order) > 0)
        scale = self.spectrum(modes.double(), torch.tensor(self.lengths, dtype=torch.float64))
        noise = torch.randn(2, *counted.shape, generator=generator, dtype=torch.float64)
        return torch.where(counted, torch.complex(noise[0], noise[1]) * scale.nan_to_num(0.0, 0.0), 0.0)

    def __call__(self, generator: torch.Generator) -> LatticeSeries:
        """One draw, a series with batch 1."""
        return LatticeSeries.of(self.coefficients(generator).unsqueeze(0), self.lengths)
