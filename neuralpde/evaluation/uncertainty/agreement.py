"""Scores of several rollouts of every trajectory, collected batch by batch."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from neuralpde import metrics
from neuralpde.evaluation.metric import Comparison
from neuralpde.evaluation.summary import finite_or_none
from neuralpde.evaluation.uncertainty.result import Calibration, SourceResult

__all__ = ["Agreement"]

LEADS = (0.0, 0.125, 0.25, 0.5)
"""Where in the rollout calibration spectra are kept: the first frame, an eighth of the frames, …"""


class Agreement:
    """Running scores of one source of samples.

    Correlations are those of the vorticity where there is a plane velocity, else of the fields.

    Args:
        threshold: the correlation below which two fields have parted.
    """

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self.cross: list[Tensor] = []
        self.true: list[Tensor] = []
        self.of_mean: list[Tensor] = []
        self.seconds: list[Tensor] = []
        self.finite: list[Tensor] = []
        self.spread: list[metrics.SpreadSpectrum] = []
        self.num_samples = 0

    def add(self, rollouts: Iterable[Comparison]) -> None:
        """Score the samples of one batch of trajectories.

        Args:
            rollouts: one comparison with the same reference for each sample.
        """
        parts = list(rollouts)
        first = parts[0]
        self.num_samples = len(parts)
        seen = torch.stack([_seen(part)[0] for part in parts])
        ref = _seen(first)[1]
        self.cross.append(metrics.cross_correlation(seen, weights=first.weights))
        self.true.append(torch.stack([metrics.pearson(sample, ref, weights=first.weights) for sample in seen]).mean(dim=0))
        self.of_mean.append(metrics.pearson(seen.mean(dim=0), ref, weights=first.weights))
        self.seconds.append(first.seconds)
        samples = torch.stack([part.pred for part in parts])
        self.finite.append(samples.isfinite().transpose(0, 1).flatten(1).all(dim=1))
        if first.spectral:
            self.spread.append(metrics.spread_spectrum(samples, first.ref))

    def finish(self, name: str, definition: str) -> SourceResult:
        """The entry in the result."""
        cross, true, of_mean, seconds = (torch.cat(parts) for parts in (self.cross, self.true, self.of_mean, self.seconds))
        cross_time, true_time = (metrics.correlation_time(c, threshold=self.threshold, dt=seconds) for c in (cross, true))
        censored = cross_time.censored | true_time.censored
        averaged = (metrics.averaged_correlation_time(c, threshold=self.threshold, dt=seconds).time.item() for c in (true, of_mean))
        true_averaged, mean_averaged = averaged
        return SourceResult(
            name=name,
            definition=definition,
            num_samples=self.num_samples,
            cross_time=cross_time.time.tolist(),
            true_time=true_time.time.tolist(),
            censored=censored.tolist(),
            fit=_fit(cross_time.time[~censored], true_time.time[~censored]),
            fit_all=_fit(cross_time.time, true_time.time),
            cross_correlation=_numbers(cross.mean(dim=0)),
            true_correlation=_numbers(true.mean(dim=0)),
            averaged_true_time=true_averaged,
            averaged_mean_time=mean_averaged,
            num_diverged=int((~torch.cat(self.finite)).sum()),
            calibration=self._calibration(seconds.mean().item()),
        )

    def _calibration(self, step: float) -> Calibration | None:
        finite = torch.cat(self.finite)
        if not self.spread or not finite.any():
            return None
        spread, error = (torch.cat([getattr(part, key) for part in self.spread])[finite].mean(dim=0) for key in ("spread", "error"))
        count = self.num_samples
        total = metrics.spread_error_ratio(spread.sum(dim=-1), error.sum(dim=-1), num_samples=count)
        picks = sorted({int(lead * spread.shape[0]) for lead in LEADS})
        spread, error = spread[picks], error[picks]
        return Calibration(
            times=[step * (k + 1) for k in picks],
            spread=[_numbers(row) for row in spread],
            error=[_numbers(row) for row in error],
            ratio=[_numbers(row) for row in metrics.spread_error_ratio(spread, error, num_samples=count)],
            bands=[_numbers(row) for row in metrics.band_ratios(spread, error, num_samples=count)],
            total_ratio=_numbers(total),
        )


def _seen(comparison: Comparison) -> tuple[Tensor, Tensor]:
    """Prediction and reference as correlations see them."""
    return comparison.vorticities if comparison.turbulent else (comparison.pred, comparison.ref)


def _fit(cross: Tensor, true: Tensor) -> metrics.LineFit | None:
    return metrics.line_fit(cross, true) if len(cross) >= 3 else None


def _numbers(values: Tensor) -> list[float | None]:
    return [finite_or_none(v) for v in values.to(torch.float64).tolist()]
