"""Diffusion of heat."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.derivatives.base import Coefficient, Derivatives, Field
from neuralpde.equations.base import Equation

__all__ = ["Heat"]


@dataclass(frozen=True, eq=False)
class Heat(Equation):
    r"""Diffusion:  uₜ = ∇·(ν ∇u), in any dimension. The mean is conserved, everything else decays.

    Args:
        diffusivity: ν ≥ 0. It may vary in space where the solver needs no symbol.

    Limits: ν < 0 is ill-posed.
    """

    diffusivity: Coefficient = 1.0

    @override
    def linear(self, u: Field, d: Derivatives) -> Field:
        return d.diffuse(self.diffusivity, u)

    @override
    def densities(self, u: Field, d: Derivatives) -> dict[str, Field]:
        return {"mass": u}

    def exact(self, t: Tensor | float, *x: Tensor, wavenumbers: Sequence[float], phase: float = 0.0) -> Tensor:
        """One mode, exp(−ν|k|²t) cos(k·x + φ), for constant ν.

        Args:
            t: time.
            x: coordinates, one per axis.
            wavenumbers: angular wavenumber k per axis.
            phase: φ.
        """
        angle = sum((k * coordinate for k, coordinate in zip(wavenumbers, x, strict=True)), start=torch.as_tensor(phase))
        return torch.exp(-self.diffusivity * sum(k * k for k in wavenumbers) * t) * torch.cos(angle)

    def exact_gaussian(self, t: Tensor | float, *x: Tensor, width: float, lengths: Sequence[float], images: int = 4) -> Tensor:
        """The spreading Gaussian exp(−|x|²/2w²) of t = 0 on a torus, centred at the origin: a sum over periodic images, for constant ν.

        Args:
            t: time.
            x: coordinates, one per axis.
            width: w at t = 0; the variance grows as w² + 2νt.
            lengths: period of each axis.
            images: copies on either side; the error is of order exp(−(images · length)²/2(w² + 2νt)).
        """
        variance = width**2 + 2 * self.diffusivity * t
        total = torch.zeros(())
        for shifts in itertools.product(range(-images, images + 1), repeat=len(lengths)):
            squares = [(coordinate - m * length) ** 2 for coordinate, m, length in zip(x, shifts, lengths, strict=True)]
            total = total + torch.exp(-sum(squares[1:], start=squares[0]) / (2 * variance))
        return (width**2 / variance) ** (len(lengths) / 2) * total
