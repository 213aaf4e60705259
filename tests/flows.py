"""Ensembles of plane flows and what is measured on them."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from neuralpde.derivatives import Fourier
from neuralpde.grids import Grid
from neuralpde.initial import LatticeSeries, LogNormalSpectrum, RandomLatticeField, RandomVelocity, RandomVorticity, stack_draws

SQUARE = (2 * math.pi, 2 * math.pi)


def square(n: int) -> Grid:
    return Grid((n, n), 0.0, SQUARE)


def ensemble(law, batch: int, first: int = 0) -> LatticeSeries:
    """The draws of consecutive seeds."""
    return stack_draws([law(torch.Generator().manual_seed(first + i)) for i in range(batch)])


def velocities(n: int, batch: int, speed: float = 2.0, max_mode: int = 8, peak: float = 3.0) -> Tensor:
    return Fourier(square(n)).lift(ensemble(RandomVelocity(speed, LogNormalSpectrum(peak), SQUARE, max_mode), batch))


def vorticities(n: int, batch: int, speed: float = 2.0, max_mode: int = 8, peak: float = 3.0) -> Tensor:
    """The same flows as :func:`velocities`."""
    return Fourier(square(n)).lift(ensemble(RandomVorticity(speed, LogNormalSpectrum(peak), SQUARE, max_mode), batch))


def isotropic_forcing(batch: int, peak: float = 3.0) -> LatticeSeries:
    """A steady random forcing of the vorticity, another one for each trajectory, whose law knows no direction."""
    return ensemble(RandomLatticeField(LogNormalSpectrum(peak), SQUARE, 6), batch, first=1000)


def boole(rates: Tensor, step: float) -> Tensor:
    """∫ of samples ``(4k + 1, ...)`` at distance ``step``, of sixth order."""
    weights = torch.tensor([14.0, 32.0, 12.0, 32.0], dtype=rates.dtype).repeat((len(rates) - 1) // 4)
    weights = torch.cat([weights, weights.new_tensor([7.0])])
    weights[0] = 7.0
    return (2 * step / 45) * torch.einsum("t,t...->...", weights, rates)
