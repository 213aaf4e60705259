"""How much several predictions of the same future agree with each other."""

from __future__ import annotations

import torch
from torch import Tensor

from neuralpde.metrics.quadrature import space_axes, space_mean

__all__ = ["cross_correlation"]


def cross_correlation(samples: Tensor, *, weights: Tensor | None = None) -> Tensor:
    r"""Pearson correlation between samples in every frame, mean over all pairs and over channels.

    With z_i the samples of S made zero-mean and unit-variance over space, the mean over the S(S−1)/2 pairs is  (S ⟨z̄²⟩ − 1) / (S − 1),
    z̄ the mean of the z_i; so no pair is ever formed. When it falls, the samples have parted, and so have they from the truth if their
    spread is calibrated: the measure of confidence of Lippe et al., PDE-Refiner (2023).

    Args:
        samples: several rollouts of every trajectory, from different random numbers, models or starts.
        weights: quadrature weights ``(*space)``; None weighs all nodes alike.

    Shape: ``(sample, batch, time, channel, *space)`` → ``(batch, time)``.

    Raises:
        ValueError: fewer than two samples.

    Limits: NaN where one of the samples is constant or not finite. Samples that are wrong in the same way agree perfectly.
    """
    num_samples = samples.shape[0]
    if num_samples < 2:
        raise ValueError(f"cross_correlation: needs at least 2 samples of every trajectory, got {num_samples}; draw more.")
    total = torch.zeros_like(samples[0])
    for sample in samples:
        total += _standardised(sample, weights)
    mean_square = space_mean((total / num_samples).square(), weights)
    return ((num_samples * mean_square - 1) / (num_samples - 1)).mean(dim=-1)


def _standardised(u: Tensor, weights: Tensor | None) -> Tensor:
    space = (1,) * len(space_axes(u))
    mean = space_mean(u, weights)
    centred = u - mean.reshape(*mean.shape, *space)
    std = space_mean(centred.square(), weights).sqrt()
    constant = u.amax(dim=space_axes(u)) == u.amin(dim=space_axes(u))
    return centred / torch.where(constant, torch.nan, std).reshape(*std.shape, *space)
