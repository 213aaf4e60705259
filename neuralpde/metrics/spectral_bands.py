"""Errors by band of wavenumbers: the Fourier RMSE of PDEBench and the binned spectral error of The Well."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from neuralpde.metrics.quadrature import check_pair
from neuralpde.metrics.spectrum import power, shell_index, shell_sum

__all__ = ["AllModes", "FirstQuadrant", "binned_spectral_mse", "fourier_bands", "shell_errors"]


@dataclass(frozen=True)
class AllModes:
    """Every mode of the transform belongs to the shell of its wavenumber, so that the shells keep the whole error."""

    def index(self, shape: Sequence[int]) -> Tensor:
        """Shell of every mode, ``(*space)``."""
        return shell_index(shape)

    def num_shells(self, shape: Sequence[int]) -> int:
        """Shells 0 … min(n)/2, Nyquist included."""
        return min(shape) // 2 + 1


@dataclass(frozen=True)
class FirstQuadrant:
    """Only modes with all components in 0 … n/2 − 1 count, shells end at min(n)/2 − 1: what the PDEBench programs do in 2-D and 3-D.

    In one dimension those programs use every mode of the half spectrum, once; the Nyquist mode is included there.
    """

    def index(self, shape: Sequence[int]) -> Tensor:
        """Shell of every mode, −1 for those left out, ``(*space)``."""
        kept = [_kept(n, n // 2 if len(shape) > 1 else n // 2 + 1) for n in shape]
        inside = torch.stack(torch.meshgrid(*kept, indexing="ij")).all(dim=0)
        return torch.where(inside, shell_index(shape), -1)

    def num_shells(self, shape: Sequence[int]) -> int:
        """Shells 0 … min(n)/2 − 1; with the Nyquist mode in one dimension."""
        return min(shape) // 2 + (1 if len(shape) == 1 else 0)


def _kept(n: int, count: int) -> Tensor:
    return torch.arange(n) < count


def shell_errors(pred: Tensor, ref: Tensor, *, modes: AllModes | FirstQuadrant | None = None) -> Tensor:
    r"""Squared error per shell,  e²(k) = Σ_{m in shell k} |p̂ − q̂|² / S².

    Args:
        pred: predicted trajectories on a uniform periodic grid.
        ref: reference trajectories.
        modes: which modes belong to a shell; all of them by default.

    Shape: ``(batch, time, channel, *space)`` twice → ``(batch, time, channel, shells)``.

    Limits: meaningless on non-uniform nodes. Corner modes beyond the largest whole shell are left out.
    """
    check_pair("shell_errors", pred, ref)
    modes = modes or AllModes()
    shape = pred.shape[3:]
    return shell_sum(power(pred - ref), modes.index(shape).to(pred.device), modes.num_shells(shape))


def fourier_bands(shells: Tensor, *, edges: tuple[int, ...] = (0, 4, 12)) -> Tensor:
    r"""Mean over the shells of each band of √e²(k); by default low k = 0…3, mid 4…11, high from 12.

    Args:
        shells: squared errors per shell from :func:`shell_errors`, averaged over samples before for the definition of PDEBench.
        edges: first shell of every band.

    Shape: ``(*, shells)`` → ``(*, bands)``.

    Limits: a band without shells is NaN (the high one for fewer than 24 points).
    """
    ends = (*edges[1:], shells.shape[-1])
    roots = shells.sqrt()
    return torch.stack([roots[..., low:high].mean(dim=-1) for low, high in zip(edges, ends, strict=True)], dim=-1)


def binned_spectral_mse(pred: Tensor, ref: Tensor, *, num_bins: int = 3) -> tuple[Tensor, Tensor]:
    r"""Squared error and energy of the reference in logarithmic bins of the isotropic wavenumber κ = ‖2π fftfreq‖.

    The edges run log-spaced from 2π / max(n) to π√D, the first one replaced by 0; the bins of the error sum to the mean squared error.

    Args:
        pred: predicted trajectories on a uniform periodic grid.
        ref: reference trajectories.
        num_bins: number of bins.

    Shape: ``(batch, time, channel, *space)`` twice → twice ``(batch, time, channel, bins)``; error, then energy of the reference.

    Limits: meaningless on non-uniform nodes. Divide error by energy only where there is energy: published normalised values add 1e-7 to
    the divisor and explode in empty bins.

    Reference: Ohana et al., The Well (2024), section 5.
    """
    check_pair("binned_spectral_mse", pred, ref)
    shape = pred.shape[3:]
    frequencies = torch.meshgrid(*(2 * math.pi * torch.fft.fftfreq(n, dtype=torch.float64, device=pred.device) for n in shape), indexing="ij")
    kappa = torch.stack(frequencies).square().sum(dim=0).sqrt()
    edges = torch.logspace(math.log10(2 * math.pi / max(shape)), math.log10(math.pi * math.sqrt(len(shape))), num_bins + 1, dtype=torch.float64)
    index = torch.bucketize(kappa, edges[1:-1].to(pred.device), right=True)
    return shell_sum(power(pred - ref), index, num_bins), shell_sum(power(ref), index, num_bins)
