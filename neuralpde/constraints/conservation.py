"""Projections of any network's output onto linear conservation laws."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from neuralpde.derivatives import Fourier
from neuralpde.grids import Grid

__all__ = ["LinearConservation", "divergence_free", "quadrature"]


def quadrature(grid: Grid, *, device: torch.device | str | None = None) -> Tensor:
    """Weights of the integral over the grid, ``(*space)`` float64."""
    weights = torch.ones((), dtype=torch.float64, device=device)
    for axis in range(grid.ndim):
        weights = weights.unsqueeze(-1) * grid.weights(axis, device=device)
    return weights


@dataclass(frozen=True, eq=False)
class LinearConservation:
    r"""The nearest field with given linear functionals,  ũ = u − W⁻¹ Gᵀ (G W⁻¹ Gᵀ)⁻¹ (G u − b).

    Nearest in the norm ∫ |ũ − u|², so that the correction does not depend on how the grid is refined. The functionals are ∫ gᵢ · u: the constant g = 1 gives
    the mass, a coordinate or a given velocity profile a momentum; for several channels each has its own density.

    Args:
        densities: gᵢ, ``(rows, channel, *space)``; linearly independent.
        weights: quadrature W, ``(*space)``, see :func:`quadrature`.

    Limits: computed in float64 and cast back, so that float32 fields conserve to their own rounding only. Positivity may be lost.

    Reference: Hansen et al., "Learning physical models that can respect conservation laws", 2023, section 3.2, for unit covariance.
    """

    densities: Tensor
    weights: Tensor

    @classmethod
    def of_mass(cls, grid: Grid, channels: int = 1) -> LinearConservation:
        """The integral of every channel."""
        identity = torch.eye(channels, dtype=torch.float64).view(channels, channels, *(1,) * grid.ndim)
        return cls(identity.expand(-1, -1, *grid.shape), quadrature(grid))

    def amounts(self, u: Tensor) -> Tensor:
        """G u, ``(*lead, channel, *space)`` → ``(*lead, rows)`` float64."""
        return self._flat(u) @ self._rows(u).T

    def __call__(self, u: Tensor, amounts: Tensor) -> Tensor:
        """The projection.

        Args:
            u: ``(*lead, channel, *space)``.
            amounts: b, ``(*lead, rows)`` or what broadcasts against it.
        """
        rows, densities = self._rows(u), self.densities.to(device=u.device, dtype=torch.float64).flatten(1)
        excess = self.amounts(u) - amounts.double()
        multipliers = torch.linalg.solve(rows @ densities.T, excess.unsqueeze(-1)).squeeze(-1)
        corrected = self._flat(u) - multipliers @ densities
        return corrected.reshape(u.shape).to(u.dtype)

    def _rows(self, like: Tensor) -> Tensor:
        return (self.densities * self.weights).to(device=like.device, dtype=torch.float64).flatten(1)

    def _flat(self, u: Tensor) -> Tensor:
        return u.double().flatten(u.ndim - self.densities.ndim + 1)


def divergence_free(v: Tensor, grid: Grid) -> Tensor:
    r"""The nearest velocity without divergence,  v − ∇Δ⁻¹∇·v, on a periodic grid (Leray projection).

    Args:
        v: ``(*lead, ndim, *space)``, one channel per axis.
        grid: periodic in every axis.

    Raises:
        ValueError: another number of channels than axes.

    Limits: exact for the spectral divergence, in which an odd derivative drops the Nyquist mode; those modes are left as they are.
    """
    if v.shape[-grid.ndim - 1] != grid.ndim:
        raise ValueError(f"divergence_free: needs one channel for each of {grid.ndim} axes, got {v.shape[-grid.ndim - 1]}; pass the velocity only.")
    axes = tuple(range(-grid.ndim, 0))
    d = Fourier(grid, device=v.device)
    v_hat = torch.fft.rfftn(v.double(), dim=axes)
    k = torch.stack([d.power(axis, 1).imag.expand(v_hat.shape[-grid.ndim :]) for axis in range(grid.ndim)])
    squared = (k * k).sum(0)
    along = (k * v_hat).sum(-grid.ndim - 1, keepdim=True) / torch.where(squared > 0, squared, 1.0)
    return torch.fft.irfftn(v_hat - k * along, s=grid.shape, dim=axes).to(v.dtype)
