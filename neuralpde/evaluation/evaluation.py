"""Rollout of a model over a test set, scored beside baselines and the classical solver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from neuralpde.data import DataFileError, TrajectoryDataModule, TrajectoryFile
from neuralpde.evaluation.baselines import Mean, Persistence, Zero
from neuralpde.evaluation.classical import ClassicalRun, Coarser
from neuralpde.evaluation.criterion import Criterion, usual_criterion
from neuralpde.evaluation.environment import environment
from neuralpde.evaluation.evaluation_set import EvaluationSet
from neuralpde.evaluation.examples import examples
from neuralpde.evaluation.metric import Metric
from neuralpde.evaluation.one_step import one_step_spectra
from neuralpde.evaluation.report import write_report
from neuralpde.evaluation.result import Method, Result
from neuralpde.evaluation.rivals import rival_tasks
from neuralpde.evaluation.standard_metrics import standard_metrics
from neuralpde.evaluation.table import terminal_report
from neuralpde.evaluation.tally import CURVES, SET_SCORES, Tally
from neuralpde.evaluation.task import Bindable, Task, collect
from neuralpde.evaluation.timing import time_rollout
from neuralpde.evaluation.verdict import verdict

__all__ = ["Evaluation"]


@dataclass(frozen=True)
class Evaluation:
    """Scores a model on reference trajectories and says where it stands.

    Args:
        start: index of the first predicted frame; twice the history by default, as in the tables of Brandstetter et al. (2022).
        num_frames: frames to predict; to the end of the data by default.
        batch_size: trajectories predicted, and timed, together.
        classical: sweep of the classical solver; None leaves it out, and the verdict says so.
        num_trajectories: how many trajectories; all by default.
        repeats: timed rollouts of the network after a warm-up.
        metrics: what to score; those that make no sense on the data are left out.
        coefficients: what to tell the model where data lack a coefficient (a number) or name it differently (the name there).
        rivals: checkpoints of other networks (cards, folders or hub ids) to score and draw beside the model.
        criterion: what decides between network and classical solver; that of :func:`usual_criterion` by default.
    """

    start: int | None = None
    num_frames: int | None = None
    batch_size: int = 32
    classical: Coarser | None = field(default_factory=Coarser)
    num_trajectories: int | None = None
    repeats: int = 3
    metrics: Sequence[Metric] = field(default_factory=standard_metrics)
    coefficients: Mapping[str, float | str] = field(default_factory=dict)
    rivals: Sequence[str] = ()
    criterion: Criterion | None = None

    def __call__(self, model: Bindable, data: EvaluationSet | TrajectoryDataModule | TrajectoryFile, split: str = "test", *, name: str = "network") -> Result:
        """Evaluate.

        Args:
            model: a trained model.
            data: a data module, a file (for models that are told no coefficients), or an explicit set.
            split: which split of a data module.
            name: what the report calls the model.

        Raises:
            ValueError: the data are too short, or their time step is not that of the model.
        """
        chosen = collect(data, split, coefficients=self.coefficients, num_trajectories=self.num_trajectories)
        task = Task.build(model, chosen, start=self.start, num_frames=self.num_frames, batch_size=self.batch_size)
        network = self._network(task, name)
        rivals = tuple(self._network(other, title) for title, other in rival_tasks(self.rivals, task, coefficients=self.coefficients, taken=(name,)))
        classical, notes = self._classical(task)
        baselines = tuple(self._baselines(task))
        methods = (network, *rivals, *classical, *baselines)
        return Result(
            model=name,
            data=task.data.name,
            settings=self._settings(task),
            definitions=self._definitions(methods),
            methods=methods,
            times=task.times,
            environment=environment(task.device),
            verdict=verdict(network, classical, baselines, by=self.criterion or usual_criterion(chosen)),
            notes=notes,
            examples=examples(task, network),
            domain=task.data.domain,
            velocity=task.data.velocity,
        )

    def report(self, result: Result, folder: str | Path) -> tuple[Path, RenderableType]:
        """Write the report into ``folder``; gives the path of its page and what to show in a terminal."""
        return write_report(result, folder).page, terminal_report(result)

    def _network(self, task: Task, name: str) -> Method:
        tally = Tally(self.metrics)
        for part in task.parts():
            tally.add(task.compare(task.bound(part), part))
        timing = time_rollout(
            lambda part: (task.bound(part), task.given(part)), batch_size=task.batch_size, num_frames=task.num_frames, t=task.time, repeats=self.repeats
        )
        return replace(tally.finish(name, "network", task.data.domain.shape, timing), one_step=one_step_spectra(task))

    def _baselines(self, task: Task) -> Iterator[Method]:
        for name, stepper in (("persistence", Persistence), ("spatial mean", Mean), ("zero", Zero)):
            tally = Tally(self.metrics)
            for part in task.parts():
                tally.add(task.compare(stepper(task.data.domain, task.data.dt), part))
            yield tally.finish(name, "baseline", task.data.domain.shape)

    def _classical(self, task: Task) -> tuple[tuple[Method, ...], tuple[str, ...]]:
        if self.classical is None:
            return (), ("The classical solver was switched off.",)
        try:
            task.data.file.scenario()
        except DataFileError as error:
            return (), (f"The classical solver was skipped: {error}",)
        methods, notes = [], []
        for run in self.classical.runs(task.data):
            try:
                methods.append(self._classical_run(task, self.classical, run))
            except (ValueError, FloatingPointError) as error:
                # A grid that the scheme refuses, or on which it blows up at once, is a finding about the scheme and not a failure of the evaluation.
                notes.append(f"{run.name} was left out: {error}")
        notes.extend(_divergence(method) for method in methods if method.num_diverged)
        return tuple(methods), tuple(notes)

    def _classical_run(self, task: Task, classical: Coarser, run: ClassicalRun) -> Method:
        tally = Tally(self.metrics)
        for part in task.parts():
            tally.add(classical.compare(task.data, run, part=part, first=task.first, num_frames=task.num_frames))
        rows = tally.survivors[: task.batch_size]
        timing = classical.timing(task.data, run, rows=rows, first=task.first, num_frames=task.num_frames) if len(rows) else None
        return tally.finish(run.name, "classical", run.shape, timing)

    def _definitions(self, methods: Sequence[Method]) -> dict[str, str]:
        """Of everything that one of the methods has."""
        scored, averaged, drawn = ({key for m in methods for key in getattr(m, part)} for part in ("scores", "set_scores", "curves"))
        return {
            **{m.name: m.definition for m in self.metrics if m.name in scored},
            **{key: text for key, text in SET_SCORES.items() if key in averaged},
            **{f"curve {key}": text for key, text in CURVES.items() if key in drawn},
        }

    def _settings(self, task: Task) -> dict[str, Any]:
        return {
            "fields": list(task.data.fields),
            "coefficients": list(task.data.coefficient_names),
            "shape": list(task.data.domain.shape),
            "num_trajectories": task.data.num_trajectories,
            "given_frames": task.model.history,
            "first_predicted_frame": task.first,
            "num_frames": task.num_frames,
            "dt": task.data.dt,
            "batch_size": task.batch_size,
            "classical_start": type(self.classical.start).__name__ if self.classical is not None else None,
        }


def _divergence(method: Method) -> str:
    score = method.scores["accumulated_error"]
    rest = f"; the mean accumulated error of the other {score.num_finite} is {score.finite_mean:.3g}" if score.finite_mean is not None else ""
    return f"{method.name} diverged, or was refused by its scheme, on {method.num_diverged} of {score.count} trajectories{rest}."
