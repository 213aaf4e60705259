"""Rollout of a model over a test set, scored beside baselines and the classical solver."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from neuralpde.data import DataFileError, TrajectoryDataModule, TrajectoryFile
from neuralpde.evaluation.baselines import Mean, Persistence, Zero
from neuralpde.evaluation.classical import ClassicalRun, Coarser
from neuralpde.evaluation.environment import environment
from neuralpde.evaluation.evaluation_set import EvaluationSet
from neuralpde.evaluation.metric import Comparison, Metric
from neuralpde.evaluation.result import Example, Method, Result
from neuralpde.evaluation.standard_metrics import standard_metrics
from neuralpde.evaluation.tally import CURVES, SET_SCORES, Tally
from neuralpde.evaluation.timing import time_rollout
from neuralpde.evaluation.verdict import verdict
from neuralpde.grids import Grid, PointSet
from neuralpde.rollout import Stepper, rollout

__all__ = ["Bindable", "Evaluation"]


class Bindable(Protocol):
    """A model that becomes a stepper once domain and coefficients are known, such as :class:`~neuralpde.models.NeuralStepper`."""

    history: int
    dt: float

    def bind(self, domain: Grid | PointSet, coefficients: Tensor) -> Stepper:
        """The stepper for trajectories with these coefficients, ``(batch, num)``."""
        ...


@dataclass(frozen=True)
class _Task:
    """One evaluation with its defaults filled in: which frames are given, which are predicted."""

    model: Bindable
    data: EvaluationSet
    first: int
    num_frames: int
    batch_size: int
    device: torch.device

    def parts(self) -> Iterator[slice]:
        for low in range(0, self.data.num_trajectories, self.batch_size):
            yield slice(low, min(low + self.batch_size, self.data.num_trajectories))

    @property
    def time(self) -> float:
        return self.data.times[self.first - 1].item()

    def given(self, part: slice | Tensor) -> Tensor:
        return self.data.frames[part, : self.first].to(self.device)

    def bound(self, part: slice | Tensor) -> Stepper:
        return self.model.bind(self.data.domain, self.data.coefficients[part].to(self.device))

    def predict(self, stepper: Stepper, part: slice | Tensor) -> Tensor:
        with torch.no_grad():
            return rollout(stepper, self.given(part), self.num_frames, self.time)

    def compare(self, stepper: Stepper, part: slice) -> Comparison:
        pred = self.predict(stepper, part).cpu().to(torch.float64)
        frames = self.data.frames[part].cpu().to(torch.float64)
        ref, start = frames[:, self.first : self.first + self.num_frames], frames[:, self.first - 1 : self.first]
        return Comparison(pred, ref, start, self.data.dt, self.data.domain)


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
        metrics: what to score.
        coefficients: what to tell the model where data lack a coefficient (a number) or name it differently (the name there).
    """

    start: int | None = None
    num_frames: int | None = None
    batch_size: int = 32
    classical: Coarser | None = field(default_factory=Coarser)
    num_trajectories: int | None = None
    repeats: int = 3
    metrics: Sequence[Metric] = field(default_factory=standard_metrics)
    coefficients: Mapping[str, float | str] = field(default_factory=dict)

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
        task = self._task(model, self._collect(data, split))
        network = self._network(task, name)
        classical, notes = self._classical(task)
        baselines = tuple(self._baselines(task))
        return Result(
            model=name,
            data=task.data.name,
            settings=self._settings(task),
            definitions={**{m.name: m.definition for m in self.metrics}, **SET_SCORES, **{f"curve {key}": text for key, text in CURVES.items()}},
            methods=(network, *classical, *baselines),
            times=task.data.times[task.first : task.first + task.num_frames].tolist(),
            environment=environment(task.device),
            verdict=verdict(network, classical, baselines),
            notes=notes,
            examples=_examples(task, network),
            domain=task.data.domain,
        )

    def _collect(self, data: EvaluationSet | TrajectoryDataModule | TrajectoryFile, split: str) -> EvaluationSet:
        if isinstance(data, EvaluationSet):
            return data
        if isinstance(data, TrajectoryFile):
            return EvaluationSet.from_file(data, coefficients=self.coefficients, num_trajectories=self.num_trajectories)
        return EvaluationSet.from_datamodule(data, split, coefficients=self.coefficients, num_trajectories=self.num_trajectories)

    def _task(self, model: Bindable, data: EvaluationSet) -> _Task:
        first = 2 * model.history if self.start is None else self.start
        available = data.num_frames - first
        wanted = available if self.num_frames is None else self.num_frames
        if first < model.history or wanted < 1 or wanted > available:
            raise ValueError(
                f"Evaluation: frames {first} to {first + wanted - 1} need {model.history} given frames before and {first + wanted} stored ones, "
                f"got {data.num_frames} in {data.name}; change start or num_frames."
            )
        if abs(model.dt - data.dt) > 1e-5 * data.dt:
            raise ValueError(f"Evaluation: the model steps by dt={model.dt:g}, got data with dt={data.dt:g}; generate data at the model's step.")
        device = next(model.parameters()).device if isinstance(model, nn.Module) else torch.device("cpu")
        return _Task(model, data, first, wanted, min(self.batch_size, data.num_trajectories), device)

    def _network(self, task: _Task, name: str) -> Method:
        tally = Tally(self.metrics)
        for part in task.parts():
            tally.add(task.compare(task.bound(part), part))
        timing = time_rollout(
            lambda part: (task.bound(part), task.given(part)), batch_size=task.batch_size, num_frames=task.num_frames, t=task.time, repeats=self.repeats
        )
        return tally.finish(name, "network", task.data.domain.shape, timing)

    def _baselines(self, task: _Task) -> Iterator[Method]:
        for name, stepper in (("persistence", Persistence), ("spatial mean", Mean), ("zero", Zero)):
            tally = Tally(self.metrics)
            for part in task.parts():
                tally.add(task.compare(stepper(task.data.domain, task.data.dt), part))
            yield tally.finish(name, "baseline", task.data.domain.shape)

    def _classical(self, task: _Task) -> tuple[tuple[Method, ...], tuple[str, ...]]:
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
                # A grid that the scheme refuses, or on which it blows up, is a finding about the scheme and not a failure of the evaluation.
                notes.append(f"{run.name} was left out: {error}")
        return tuple(methods), tuple(notes)

    def _classical_run(self, task: _Task, classical: Coarser, run: ClassicalRun) -> Method:
        tally = Tally(self.metrics)
        for part in task.parts():
            tally.add(classical.compare(task.data, run, part=part, first=task.first, num_frames=task.num_frames))
        timing = classical.timing(task.data, run, batch_size=task.batch_size, first=task.first, num_frames=task.num_frames)
        return tally.finish(run.name, "classical", run.shape, timing)

    def _settings(self, task: _Task) -> dict[str, Any]:
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


def _examples(task: _Task, network: Method) -> tuple[Example, ...]:
    errors = network.per_trajectory["accumulated_error"]
    ranks = [math.inf if error is None else error for error in errors]
    order = sorted(range(len(errors)), key=ranks.__getitem__)
    chosen = {"best": order[0], "median": order[len(order) // 2], "worst": order[-1]}
    part = torch.tensor(list(chosen.values()))
    pred = task.predict(task.bound(part), part).cpu()
    ref = task.data.frames[part, task.first : task.first + task.num_frames].cpu()
    return tuple(Example(label, int(task.data.indices[i]), errors[i], ref[k], pred[k]) for k, (label, i) in enumerate(chosen.items()))
