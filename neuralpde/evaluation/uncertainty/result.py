"""What a study of uncertainty found, as plain data."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from neuralpde.evaluation.result import plain
from neuralpde.metrics import LineFit

__all__ = ["Calibration", "SourceResult", "UncertaintyResult"]


@dataclass(frozen=True)
class Calibration:
    """Spread of the samples beside the error of their mean, by wavenumber and over time; mean over the trajectories that stayed finite.

    Args:
        times: time since the start of the frames of the spectra.
        spread: variance of the samples per shell, one list for each of those times.
        error: squared error of their mean, likewise.
        ratio: √((1 + 1/S) spread / error) per shell, one where calibrated, below where over-confident.
        bands: the same for low (0–3), middle (4–11) and high (from 12) shells.
        total_ratio: the same of all shells together, for every predicted frame.
    """

    times: list[float]
    spread: list[list[float | None]]
    error: list[list[float | None]]
    ratio: list[list[float | None]]
    bands: list[list[float | None]]
    total_ratio: list[float | None]


@dataclass(frozen=True)
class SourceResult:
    """One way of drawing samples and what their agreement says of the truth.

    Args:
        name: what reports call it.
        definition: how its samples differ.
        num_samples: samples of every trajectory.
        cross_time: per trajectory, when the correlation between samples (mean over pairs) first falls below the threshold.
        true_time: per trajectory, when the correlation with the reference (mean over samples) first falls below it.
        censored: per trajectory, one of the two never happened; its time is then the length of the rollout.
        fit: true over cross-correlation time, over trajectories where both were seen; None for fewer than three.
        fit_all: the same over all trajectories, censored ones at the length of the rollout.
        cross_correlation: mean over trajectories of the correlation between samples, for every frame.
        true_correlation: mean over trajectories of the correlation with the reference, for every frame.
        averaged_true_time: when ``true_correlation`` first falls below the threshold.
        averaged_mean_time: when the correlation of the **mean** of the samples with the reference, mean over trajectories, first does.
        num_diverged: trajectories with a sample that is not finite somewhere.
        calibration: None on grids without a plain Fourier transform.
    """

    name: str
    definition: str
    num_samples: int
    cross_time: list[float]
    true_time: list[float]
    censored: list[bool]
    fit: LineFit | None
    fit_all: LineFit | None
    cross_correlation: list[float | None]
    true_correlation: list[float | None]
    averaged_true_time: float | None
    averaged_mean_time: float | None
    num_diverged: int
    calibration: Calibration | None


@dataclass(frozen=True)
class UncertaintyResult:
    """A study: its settings, definitions, and one entry for each source of samples.

    Args:
        model: name of the model.
        data: name of the data set and split.
        settings: frames, threshold, samples, …
        definitions: one line for each number.
        sources: what was found.
        times: time of every predicted frame since the start.
        environment: hardware, threads, versions.
        notes: sources that were left out and why.
    """

    model: str
    data: str
    settings: dict[str, Any]
    definitions: dict[str, str]
    sources: tuple[SourceResult, ...]
    times: list[float]
    environment: dict[str, Any]
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain types only, every number finite or None: what ``metrics.json`` holds."""
        content = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        opened = plain(content)
        for entry, source in zip(opened["sources"], self.sources, strict=True):
            entry.update({key: plain(fit._asdict()) for key, fit in (("fit", source.fit), ("fit_all", source.fit_all)) if fit is not None})
        return {"format": "neuralpde.uncertainty", "version": 1, **opened}
