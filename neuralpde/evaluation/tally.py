"""Collects scores batch by batch, so that no test set has to be predicted at once."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from neuralpde import metrics
from neuralpde.evaluation.metric import Comparison, Metric, Scores
from neuralpde.evaluation.result import Curve, Kind, Method, Spectrum
from neuralpde.evaluation.summary import finite_or_none, summarise
from neuralpde.evaluation.timing import Timing

__all__ = ["CURVES", "SET_SCORES", "Tally"]

CURVES = {
    "mean_squared_error": "mean over nodes and channels of (p - q)^2 in each frame",
    "relative_l2": "norm(p - q) / norm(q) over channels and space in each frame",
    "pearson": "Pearson correlation over space per channel, mean over channels, in each frame",
}
"""Quantities kept frame by frame."""

THRESHOLDS = (0.8, 0.9, 0.95)

SET_SCORES = {
    **{
        f"averaged_correlation_time_{rho:g}": f"dt times the frames before the trajectory-averaged Pearson correlation first falls below {rho:g}"
        for rho in THRESHOLDS
    },
    **{f"high_correlation_frames_{rho:g}": f"number of all frames whose trajectory-averaged pooled correlation exceeds {rho:g}" for rho in THRESHOLDS},
}
"""Scores of a whole set that are no means over trajectories."""


class Tally:
    """Running scores of one method.

    Args:
        standard: metrics to evaluate; spectral ones are skipped where they make no sense.
    """

    def __init__(self, standard: Sequence[Metric]) -> None:
        self.metrics = standard
        self.scores: dict[str, list[Scores]] = {}
        self.frames: dict[str, list[Tensor]] = {}
        self.spectra: list[Tensor] = []
        self.dt = 0.0

    def add(self, comparison: Comparison) -> None:
        """Score one batch."""
        self.dt = comparison.dt
        for metric in self.metrics:
            if comparison.spectral or not metric.spectral:
                self.scores.setdefault(metric.name, []).append(metric(comparison))
        pair = comparison.pred, comparison.ref
        per_frame = {
            "mean_squared_error": metrics.mean_squared_error(*pair),
            "relative_l2": metrics.relative_l2(*pair, weights=comparison.weights),
            "pearson": metrics.pearson(*pair, weights=comparison.weights),
            "pooled_pearson": metrics.pooled_pearson(*pair),
        }
        for name, values in per_frame.items():
            self.frames.setdefault(name, []).append(values.cpu())
        if comparison.spectral:
            fields = torch.stack([comparison.pred, comparison.ref, comparison.pred - comparison.ref])
            energy = torch.stack([metrics.energy_spectrum(u).mean(dim=1).sum(dim=1) for u in fields])
            self.spectra.append(energy.cpu())

    def finish(self, name: str, kind: Kind, shape: tuple[int, ...], timing: Timing | None = None) -> Method:
        """The method's entry in the result."""
        scores = {metric.name: Scores.cat(self.scores[metric.name]) for metric in self.metrics if metric.name in self.scores}
        larger = {metric.name: metric.larger_is_better for metric in self.metrics}
        frames = {key: torch.cat(values) for key, values in self.frames.items()}
        return Method(
            name=name,
            kind=kind,
            shape=shape,
            scores={key: summarise(value, larger_is_better=larger[key]) for key, value in scores.items()},
            per_trajectory={key: _numbers(value.values) for key, value in scores.items()},
            set_scores=self._set_scores(frames),
            curves={key: _curve(frames[key]) for key in CURVES},
            spectrum=Spectrum(*(_numbers(e.mean(dim=0)) for e in torch.cat(self.spectra, dim=1))) if self.spectra else None,
            timing=timing,
        )

    def _set_scores(self, frames: dict[str, Tensor]) -> dict[str, float | None]:
        times = {
            f"averaged_correlation_time_{rho:g}": metrics.averaged_correlation_time(frames["pearson"], threshold=rho, dt=self.dt).time for rho in THRESHOLDS
        }
        counts = {f"high_correlation_frames_{rho:g}": metrics.high_correlation_frames(frames["pooled_pearson"], threshold=rho) for rho in THRESHOLDS}
        return {key: finite_or_none(float(value)) for key, value in {**times, **counts}.items()}


def _numbers(values: Tensor) -> list[float | None]:
    return [finite_or_none(v) for v in values.to(torch.float64).tolist()]


def _curve(values: Tensor) -> Curve:
    quartiles = values.to(torch.float64).quantile(torch.tensor([0.25, 0.5, 0.75], dtype=torch.float64), dim=0)
    return Curve(_numbers(values.mean(dim=0)), *(_numbers(q) for q in quartiles))
