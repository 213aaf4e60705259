"""Does the disagreement of several rollouts tell how wrong they are?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from neuralpde.data import TrajectoryDataModule, TrajectoryFile
from neuralpde.evaluation.environment import environment
from neuralpde.evaluation.evaluation_set import EvaluationSet
from neuralpde.evaluation.task import Bindable, Task, collect
from neuralpde.evaluation.uncertainty.agreement import Agreement
from neuralpde.evaluation.uncertainty.report import terminal_uncertainty, write_uncertainty
from neuralpde.evaluation.uncertainty.result import SourceResult, UncertaintyResult
from neuralpde.evaluation.uncertainty.sampling import Sampling, Seeds

__all__ = ["Uncertainty"]


@dataclass(frozen=True)
class Uncertainty:
    """Several rollouts per start: when do they part from each other, when from the truth, and is their spread as large as their error?

    Args:
        sources: by name, ways of drawing samples; those that the model cannot be used with are left out with a note.
        threshold: the correlation below which two fields have parted.
        start: index of the first predicted frame; twice the history by default.
        num_frames: frames to predict; to the end of the data by default.
        batch_size: trajectories predicted together; all their samples are in memory at once.
        num_trajectories: how many trajectories; all by default.
        coefficients: see :class:`~neuralpde.evaluation.Evaluation`.

    Reference: Lippe et al., PDE-Refiner (2023), section 4.3; its scatter over 128 trajectories has r² = 0.918 and slope 0.994.
    """

    sources: Mapping[str, Sampling] = field(default_factory=lambda: {"seeds": Seeds()})
    threshold: float = 0.8
    start: int | None = None
    num_frames: int | None = None
    batch_size: int = 8
    num_trajectories: int | None = None
    coefficients: Mapping[str, float | str] = field(default_factory=dict)

    def __call__(
        self, model: Bindable, data: EvaluationSet | TrajectoryDataModule | TrajectoryFile, split: str = "test", *, name: str = "network"
    ) -> UncertaintyResult:
        """Run the study.

        Args:
            model: a trained model.
            data: a data module, a file (for models that are told no coefficients), or an explicit set.
            split: which split of a data module.
            name: what the report calls the model.

        Raises:
            ValueError: no source can be used with the model, a source of fewer than two samples, or data that are too short.
        """
        chosen = collect(data, split, coefficients=self.coefficients, num_trajectories=self.num_trajectories)
        task = Task.build(model, chosen, start=self.start, num_frames=self.num_frames, batch_size=self.batch_size)
        refusals = {key: source.refusal(task) for key, source in self.sources.items()}
        usable = {key: source for key, source in self.sources.items() if not refusals[key]}
        if not usable:
            reasons = "; ".join(f"{key}: {reason}" for key, reason in refusals.items())
            raise ValueError(f"Uncertainty: needs a source of several rollouts, got none that can be used ({reasons}); name other models or add input noise.")
        return UncertaintyResult(
            model=name,
            data=chosen.name,
            settings=self._settings(task),
            definitions=_definitions(self.threshold),
            sources=tuple(self._source(task, key, source) for key, source in usable.items()),
            times=task.elapsed,
            environment=environment(task.device),
            notes=tuple(f"{key} was left out: {reason}." for key, reason in refusals.items() if reason),
        )

    def report(self, result: UncertaintyResult, folder: str | Path) -> tuple[Path, RenderableType]:
        """Write the report into ``folder``; gives the path of its page and what to show in a terminal."""
        return write_uncertainty(result, folder).page, terminal_uncertainty(result)

    def _source(self, task: Task, name: str, source: Sampling) -> SourceResult:
        agreement = Agreement(self.threshold)
        for part in task.parts():
            agreement.add(task.comparison(pred, part) for pred in source.rollouts(task, part))
        return agreement.finish(name, source.definition)

    def _settings(self, task: Task) -> dict[str, Any]:
        return {
            "fields": list(task.data.fields),
            "shape": list(task.data.domain.shape),
            "num_trajectories": task.data.num_trajectories,
            "first_predicted_frame": task.first,
            "num_frames": task.num_frames,
            "dt": task.data.dt,
            "threshold": self.threshold,
            "compared": "vorticity" if task.data.velocity is not None else "fields",
        }


def _definitions(threshold: float) -> dict[str, str]:
    return {
        "cross-correlation time": f"dt times the frames before the Pearson correlation between samples, mean over all pairs, first falls below {threshold:g}",
        "true correlation time": f"dt times the frames before the Pearson correlation with the reference, mean over samples, first falls below {threshold:g}",
        "r squared": "square of the Pearson correlation over trajectories of the two times; those of which one never ended are left out, and counted",
        "used": "trajectories of the line: those of which both times ended before the rollout",
        "slope": "of the least-squares line of the true over the cross-correlation time",
        "mean gap": "mean of |true - cross-correlation time|",
        "averaged time": f"mean dt times the frames before the correlation with the reference, averaged over trajectories, first falls below {threshold:g}",
        "of the mean": "the same for the mean over samples of the predicted fields",
        "r squared of all": "the same with all trajectories, a time that never ended counted as the length of the rollout",
        "spread / error": "sqrt((1 + 1/S) variance of the S samples / squared error of their mean) in a band of wavenumbers, mean over trajectories before the "
        "division: 1 is calibrated, below is over-confident",
    }
