"""Statistics of the training split."""

from __future__ import annotations

import torch
from torch import Tensor

from neuralpde.data.sources import FrameSource

__all__ = ["channel_statistics", "coefficient_scales"]


def channel_statistics(source: FrameSource) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of every channel over trajectories, time and nodes, each node counted once.

    Accumulated in float64 by merging batches (Chan, Golub & LeVeque 1983, eq. 2.1), which keeps its digits where the mean is large.
    """
    count, mean, square = 0, torch.zeros(()), torch.zeros(())
    for frames in source.batches():
        values = frames.double().movedim(2, 0).flatten(1)  # (channel, samples)
        number = values.shape[1]
        shift = values.mean(dim=1) - mean
        square = square + values.var(dim=1, correction=0) * number + shift.square() * count * number / (count + number)
        mean = mean + shift * number / (count + number)
        count += number
    return tuple(mean.tolist()), tuple((square / count).sqrt().tolist())


def coefficient_scales(coefficients: Tensor) -> tuple[float, ...]:
    """max |c| of every column of ``(N, num)``, 1 where that is zero."""
    if coefficients.shape[1] == 0:
        return ()
    largest = coefficients.abs().amax(dim=0)
    return tuple(torch.where(largest > 0, largest, 1.0).tolist())
