"""A score of a test set with its spread."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from neuralpde.evaluation.metric import Scores

__all__ = ["Summary", "finite_or_none", "ranked_quantiles", "summarise"]


def finite_or_none(value: float) -> float | None:
    """The number itself if JSON can hold it."""
    return float(value) if math.isfinite(value) else None


@dataclass(frozen=True)
class Summary:
    """Statistics over trajectories; None stands for a number that is not finite.

    Args:
        mean: mean over **all** trajectories; one that blew up makes it None.
        std: sample standard deviation over all, None for one trajectory.
        median: middle value.
        lower_quartile: a quarter of the trajectories lie below.
        upper_quartile: a quarter of the trajectories lie above.
        minimum: smallest value.
        maximum: largest value.
        count: number of trajectories.
        num_censored: trajectories that had not failed when the rollout ended.
        num_undefined: trajectories with a quantity that is not finite.
        finite_mean: mean over the ``num_finite`` trajectories whose score is finite. It flatters a method that diverges on the hard ones, so
            it is never shown without their number.
        finite_std: sample standard deviation over those.
        num_finite: trajectories with a finite score.
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
    finite_mean: float | None = None
    finite_std: float | None = None
    num_finite: int = 0


def summarise(scores: Scores, *, larger_is_better: bool) -> Summary:
    """Statistics of a score over trajectories.

    In quartiles and extremes a NaN ranks as the worst value, so that a model that diverges on some trajectories keeps a median but cannot
    improve it by diverging.
    """
    values = scores.values.to(torch.float64)
    finite = values[values.isfinite()]
    minimum, *quartiles, maximum = ranked_quantiles(values[:, None], larger_is_better=larger_is_better, at=(0.0, 0.25, 0.5, 0.75, 1.0))[:, 0].tolist()
    return Summary(
        mean=finite_or_none(values.mean().item()),
        std=_std(values),
        median=finite_or_none(quartiles[1]),
        lower_quartile=finite_or_none(quartiles[0]),
        upper_quartile=finite_or_none(quartiles[2]),
        minimum=finite_or_none(minimum),
        maximum=finite_or_none(maximum),
        count=values.numel(),
        num_censored=int(scores.censored.sum()),
        num_undefined=int(scores.undefined.sum()),
        finite_mean=finite_or_none(finite.mean().item()),
        finite_std=_std(finite),
        num_finite=finite.numel(),
    )


def _std(values: Tensor) -> float | None:
    return finite_or_none(values.std().item()) if values.numel() > 1 else None


def ranked_quantiles(values: Tensor, *, larger_is_better: bool, at: tuple[float, ...] = (0.25, 0.5, 0.75)) -> Tensor:
    """Quantiles over the first axis with linear interpolation, where a NaN ranks as the worst value, ``(batch, *)`` → ``(len(at), *)``.

    Args:
        values: any scores; infinite ones keep their place.
        larger_is_better: which end is the worst.
        at: which quantiles, from 0 to 1.
    """
    worst = -math.inf if larger_is_better else math.inf
    ranked = torch.where(values.isnan(), worst, values.to(torch.float64)).sort(dim=0).values
    return torch.stack([_quantile(ranked, q) for q in at])


def _quantile(ranked: Tensor, q: float) -> Tensor:
    position = q * (ranked.shape[0] - 1)
    low, high, part = ranked[math.floor(position)], ranked[math.ceil(position)], position - math.floor(position)
    # Without the first case equal infinities would cancel to NaN.
    return torch.where(low == high, low, low + part * (high - low))
