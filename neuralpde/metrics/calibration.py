"""Whether the spread of several predictions is as large as their error, wavenumber by wavenumber."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from neuralpde.metrics.quadrature import check_pair
from neuralpde.metrics.spectrum import power, shell_index, shell_sum

__all__ = ["SpreadSpectrum", "band_ratios", "spread_error_ratio", "spread_spectrum"]


class SpreadSpectrum(NamedTuple):
    """Energies per wavenumber shell, ``(batch, time, shells)``, summed over channels.

    Attributes:
        spread: unbiased variance over samples.
        error: squared error of the mean of the samples.
        num_samples: number of samples S.
    """

    spread: Tensor
    error: Tensor
    num_samples: int


def spread_spectrum(samples: Tensor, ref: Tensor) -> SpreadSpectrum:
    r"""Variance of the samples and squared error of their mean, by shell of wavenumbers.

    spread(k) = Σ_{m in k} Σ_i |û_i − ū|² / (S − 1),  error(k) = Σ_{m in k} |ū − q̂|²,  with ū the mean over samples and transforms divided by
    the number of points, so that sums over k are means over space.

    Args:
        samples: several predictions of every trajectory on a uniform periodic grid.
        ref: the reference q.

    Shape: ``(sample, batch, time, channel, *space)`` and ``(batch, time, channel, *space)``.

    Raises:
        ValueError: fewer than two samples, or shapes that do not match.

    Limits: modes in the corners beyond the last whole shell are left out. Meaningless on non-uniform nodes.
    """
    if samples.shape[0] < 2:
        raise ValueError(f"spread_spectrum: needs at least 2 samples of every trajectory, got {samples.shape[0]}; draw more.")
    check_pair("spread_spectrum", samples[0], ref)
    shape = ref.shape[3:]
    index, num_shells = shell_index(shape, device=ref.device), min(shape) // 2 + 1
    mean = samples.mean(dim=0)
    squares = torch.zeros_like(ref)
    for sample in samples:
        squares += power(sample - mean)
    spread, error = (shell_sum(energy, index, num_shells).sum(dim=2) for energy in (squares / (samples.shape[0] - 1), power(mean - ref)))
    return SpreadSpectrum(spread, error, samples.shape[0])


def spread_error_ratio(spread: Tensor, error: Tensor, *, num_samples: int) -> Tensor:
    r"""√( (1 + 1/S) spread / error ): one for an ensemble whose truth could be one more of its members.

    If truth and samples are independent draws of one distribution with variance σ², then E spread = σ² and E error = (1 + 1/S) σ², because the
    mean of S samples is itself uncertain. Below one the ensemble is over-confident, above one too cautious.

    Args:
        spread: variances of the samples; average them over trajectories **before**, since a ratio of averages is unbiased and an average of
            ratios is not.
        error: squared errors of the mean of the samples.
        num_samples: S.

    Shape: any, twice the same.
    """
    return ((1 + 1 / num_samples) * spread / error).sqrt()


def band_ratios(spread: Tensor, error: Tensor, *, num_samples: int, edges: tuple[int, ...] = (0, 4, 12)) -> Tensor:
    r""":func:`spread_error_ratio` of bands of wavenumbers, by default low k = 0…3, mid 4…11, high from 12.

    Args:
        spread: variance per shell.
        error: squared error per shell.
        num_samples: number of samples.
        edges: first shell of every band.

    Shape: ``(*, shells)`` twice → ``(*, bands)``.

    Limits: NaN for a band without shells. A band is ruled by its shell of the largest error.
    """
    ends = (*edges[1:], spread.shape[-1])
    bands = [
        spread_error_ratio(spread[..., low:high].sum(dim=-1), error[..., low:high].sum(dim=-1), num_samples=num_samples)
        for low, high in zip(edges, ends, strict=True)
    ]
    return torch.stack(bands, dim=-1)
