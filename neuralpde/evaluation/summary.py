"""A score of a test set with its spread."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from neuralpde.evaluation.metric import Scores

__all__ = ["Summary", "finite_or_none", "summarise"]


def finite_or_none(value: float) -> float | None:
    """The number itself if JSON can hold it."""
    return float(value) if math.isfinite(value) else None


@dataclass(frozen=True)
class Summary:
    """Statistics over trajectories; None stands for a number that is not finite.

    Args:
        mean: mean over **all** trajectories; one that blew up makes it None.
        std: sample standard deviation, None for one trajectory.
        median: middle value.
        lower_quartile: a quarter of the trajectories lie below.
        upper_quartile: a quarter of the trajectories lie above.
        minimum: smallest value.
        maximum: largest value.
        count: number of trajectories.
        num_censored: trajectories that had not failed when the rollout ended.
        num_undefined: trajectories with a quantity that is not finite.
    """

    mean: float | None
    std: float | None
    median: float | None
    lower_quartile: float | None
    upper_quartile: float | None
    minimum: float | None
    maximum: float | None
    count: int
    num_censored: int
    num_undefined: int


def summarise(scores: Scores, *, larger_is_better: bool) -> Summary:
    """Statistics of a score over trajectories.

    In quartiles and extremes a NaN ranks as the worst value, so that a model that diverges on some trajectories keeps a median but cannot
    improve it by diverging.
    """
    values = scores.values.to(torch.float64)
    worst = -math.inf if larger_is_better else math.inf
    ranked = torch.where(values.isnan(), worst, values).sort().values
    quartiles = [_quantile(ranked, q) for q in (0.25, 0.5, 0.75)]
    std = values.std().item() if values.numel() > 1 else math.nan
    return Summary(
        mean=finite_or_none(values.mean().item()),
        std=finite_or_none(std),
        median=finite_or_none(quartiles[1]),
        lower_quartile=finite_or_none(quartiles[0]),
        upper_quartile=finite_or_none(quartiles[2]),
        minimum=finite_or_none(ranked[0].item()),
        maximum=finite_or_none(ranked[-1].item()),
        count=values.numel(),
        num_censored=int(scores.censored.sum()),
        num_undefined=int(scores.undefined.sum()),
    )


def _quantile(ranked: torch.Tensor, q: float) -> float:
    position = q * (ranked.numel() - 1)
    low, high = ranked[math.floor(position)].item(), ranked[math.ceil(position)].item()
    # Written without a difference so that equal infinities do not cancel to NaN.
    return low if low == high else low + (position - math.floor(position)) * (high - low)
