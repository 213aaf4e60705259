"""How long a rollout stays with the reference: first crossings of a threshold, with censoring."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["CrossingTime", "averaged_correlation_time", "correlation_time", "first_failure", "high_correlation_frames"]


class CrossingTime(NamedTuple):
    """A time until failure.

    Attributes:
        time: the time.
        censored: no failure was seen; ``time`` is then the length of the rollout and a lower bound.
        undefined: the compared quantity was NaN in some frame (a constant field, or a prediction that is not finite).
    """

    time: Tensor
    censored: Tensor
    undefined: Tensor


def first_failure(holds: Tensor) -> Tensor:
    """Number of frames before the first one where ``holds`` is false, ``(*, time)`` → ``(*)``; all frames if there is none."""
    return holds.to(torch.int64).cumprod(dim=-1).sum(dim=-1)


def _crossing(value: Tensor, holds: Tensor, dt: float | Tensor) -> CrossingTime:
    frames = first_failure(holds)
    return CrossingTime(frames * dt, frames == value.shape[-1], value.isnan().any(dim=-1))


def correlation_time(correlation: Tensor, *, threshold: float, dt: float | Tensor) -> CrossingTime:
    r"""High-correlation time of every trajectory,  t(ρ) = Δt · K, with K the frames before the first whose correlation is below ρ.

    Per trajectory first; report the median and the quartiles over trajectories, not the mean, since censored values are lower bounds.

    Args:
        correlation: correlation of every predicted frame, as from :func:`~neuralpde.metrics.pearson`.
        threshold: ρ in (0, 1).
        dt: time between frames, one number or one for each trajectory, ``(batch,)``.

    Shape: ``(batch, time)`` → three times ``(batch,)``.

    Limits: a frame without correlation (NaN) ends the interval, so that a prediction that blew up is never rewarded; ``undefined`` counts
    them. Averaging before or after the crossing gives different numbers, see :func:`averaged_correlation_time`.
    """
    return _crossing(correlation, correlation >= threshold, dt)


def averaged_correlation_time(correlation: Tensor, *, threshold: float, dt: float | Tensor) -> CrossingTime:
    r"""High-correlation time of a test set: the correlation is averaged over trajectories **first**, then the first crossing is taken.

    The convention of Lippe et al., PDE-Refiner (2023), whose published times differ by some per cent from the median over trajectories.
    Frames become seconds by the **mean** step of the set, as in those tables, where every trajectory has a step of its own.

    Args:
        correlation: correlation of every predicted frame.
        threshold: ρ in (0, 1).
        dt: time between frames, one number or one for each trajectory, ``(batch,)``.

    Shape: ``(batch, time)`` → three scalars.

    Limits: one trajectory without correlation makes the average undefined in that frame, which ends the interval.
    """
    mean = correlation.mean(dim=0)
    return _crossing(mean, mean >= threshold, torch.as_tensor(dt, dtype=torch.float64).mean().item())


def high_correlation_frames(correlation: Tensor, *, threshold: float) -> Tensor:
    """Number of frames whose test-set mean correlation exceeds the threshold, ``(batch, time)`` → a scalar.

    The count of Gupta & Brandstetter, PDEArena (2022): in frames, and it does not stop at the first failure.
    """
    return (correlation.mean(dim=0) > threshold).sum()
