"""Collects scores batch by batch, so that no test set has to be predicted at once."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from neuralpde import metrics
from neuralpde.evaluation.metric import Comparison, Metric, Scores
from neuralpde.evaluation.result import Curve, Kind, Method, Spectrum
from neuralpde.evaluation.summary import finite_or_none, ranked_quantiles, summarise
from neuralpde.evaluation.timing import Timing

__all__ = ["CORRELATIONS", "CURVES", "SET_SCORES", "THRESHOLDS", "Tally"]

CORRELATIONS = {
    "pearson": "Pearson correlation over space per channel, mean over channels, in each frame",
    "vorticity_correlation": "Pearson correlation over space of the vorticity of the velocity channels, in each frame",
}
"""Curves of which larger is better; the second exists for plane velocities only."""

CURVES = {
    "mean_squared_error": "mean over nodes and channels of (p - q)^2 in each frame",
    "relative_l2": "norm(p - q) / norm(q) over channels and space in each frame",
    **CORRELATIONS,
}
"""Quantities kept frame by frame."""

THRESHOLDS = (0.8, 0.9, 0.95)

_AVERAGED = {"pearson": "averaged_correlation_time", "vorticity_correlation": "averaged_vorticity_correlation_time"}

SET_SCORES = {
    **{
        f"averaged_correlation_time_{rho:g}": f"mean dt times the frames before the trajectory-averaged Pearson correlation first falls below {rho:g}"
        for rho in THRESHOLDS
    },
    **{
        f"averaged_vorticity_correlation_time_{rho:g}": f"mean dt times the frames before the trajectory-averaged correlation of the vorticity first falls "
        f"below {rho:g}"
        for rho in THRESHOLDS
    },
    **{f"high_correlation_frames_{rho:g}": f"number of all frames whose trajectory-averaged pooled correlation exceeds {rho:g}" for rho in THRESHOLDS},
}
"""Scores of a whole set that are no means over trajectories."""


class Tally:
    """Running scores of one method.

    Args:
        standard: metrics to evaluate; those that make no sense on the data are skipped.
    """

    def __init__(self, standard: Sequence[Metric]) -> None:
        self.metrics = standard
        self.scores: dict[str, list[Scores]] = {}
        self.frames: dict[str, list[Tensor]] = {}
        self.spectra: list[Tensor] = []
        self.seconds: list[Tensor] = []
        self.finite: list[Tensor] = []

    def add(self, comparison: Comparison) -> None:
        """Score one batch."""
        self.seconds.append(comparison.seconds.cpu())
        self.finite.append(comparison.pred.isfinite().flatten(1).all(dim=1).cpu())
        for metric in self.metrics:
            if metric.applies(comparison):
                self.scores.setdefault(metric.name, []).append(metric(comparison))
        for name, values in _per_frame(comparison).items():
            self.frames.setdefault(name, []).append(values.cpu())
        if comparison.spectral:
            fields = torch.stack([comparison.pred, comparison.ref, comparison.pred - comparison.ref])
            energy = torch.stack([metrics.energy_spectrum(u).mean(dim=1).sum(dim=1) for u in fields])
            self.spectra.append(energy.cpu())

    @property
    def survivors(self) -> Tensor:
        """Positions, in the order in which they were added, of the trajectories whose prediction is finite throughout."""
        return torch.cat(self.finite).nonzero()[:, 0]

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
            curves={key: _curve(frames[key], larger_is_better=key in CORRELATIONS) for key in CURVES if key in frames},
            spectrum=self._spectrum(),
            timing=timing,
            num_diverged=int((~torch.cat(self.finite)).sum()),
        )

    def _set_scores(self, frames: dict[str, Tensor]) -> dict[str, float | None]:
        seconds = torch.cat(self.seconds)
        times = {
            f"{name}_{rho:g}": metrics.averaged_correlation_time(frames[key], threshold=rho, dt=seconds).time
            for key, name in _AVERAGED.items()
            if key in frames
            for rho in THRESHOLDS
        }
        counts = {f"high_correlation_frames_{rho:g}": metrics.high_correlation_frames(frames["pooled_pearson"], threshold=rho) for rho in THRESHOLDS}
        return {key: finite_or_none(float(value)) for key, value in {**times, **counts}.items()}

    def _spectrum(self) -> Spectrum | None:
        if not self.spectra:
            return None
        survivors = torch.cat(self.spectra, dim=1)[:, self.survivors]
        return Spectrum(*(_numbers(energy.mean(dim=0)) for energy in survivors))


def _per_frame(comparison: Comparison) -> dict[str, Tensor]:
    pair = comparison.pred, comparison.ref
    frames = {
        "mean_squared_error": metrics.mean_squared_error(*pair),
        "relative_l2": metrics.relative_l2(*pair, weights=comparison.weights),
        "pearson": metrics.pearson(*pair, weights=comparison.weights),
        "pooled_pearson": metrics.pooled_pearson(*pair),
    }
    return {**frames, "vorticity_correlation": metrics.pearson(*comparison.vorticities)} if comparison.turbulent else frames


def _numbers(values: Tensor) -> list[float | None]:
    return [finite_or_none(v) for v in values.to(torch.float64).tolist()]


def _curve(values: Tensor, *, larger_is_better: bool) -> Curve:
    return Curve(_numbers(values.mean(dim=0)), *(_numbers(q) for q in ranked_quantiles(values, larger_is_better=larger_is_better)))
