"""What is given and what is to be predicted: a model, a test set and the frames between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from typing_extensions import Self

from neuralpde.data import TrajectoryDataModule, TrajectoryFile
from neuralpde.evaluation.evaluation_set import EvaluationSet
from neuralpde.evaluation.metric import Comparison
from neuralpde.grids import Grid, PointSet
from neuralpde.rollout import Stepper, rollout

__all__ = ["Bindable", "Task", "collect"]


class Bindable(Protocol):
    """A model that becomes a stepper once domain and coefficients are known, such as :class:`~neuralpde.models.NeuralStepper`."""

    history: int
    dt: float

    def bind(self, domain: Grid | PointSet, coefficients: Tensor) -> Stepper:
        """The stepper for trajectories with these coefficients, ``(batch, num)``."""
        ...


def collect(
    data: EvaluationSet | TrajectoryDataModule | TrajectoryFile,
    split: str,
    *,
    coefficients: Mapping[str, float | str],
    num_trajectories: int | None,
) -> EvaluationSet:
    """The test set in any of the forms in which one may give it.

    Args:
        data: a data module, a file (for models that are told no coefficients), or an explicit set, which is taken as it is.
        split: which split of a data module.
        coefficients: see :meth:`EvaluationSet.from_file`.
        num_trajectories: how many trajectories; all by default.
    """
    if isinstance(data, EvaluationSet):
        return data
    if isinstance(data, TrajectoryFile):
        return EvaluationSet.from_file(data, coefficients=coefficients, num_trajectories=num_trajectories)
    return EvaluationSet.from_datamodule(data, split, coefficients=coefficients, num_trajectories=num_trajectories)


@dataclass(frozen=True)
class Task:
    """One forecast of a whole test set.

    Args:
        model: the model.
        data: the trajectories.
        first: index of the first predicted frame.
        num_frames: frames to predict.
        batch_size: trajectories predicted together.
        device: where the model is.
    """

    model: Bindable
    data: EvaluationSet
    first: int
    num_frames: int
    batch_size: int
    device: torch.device

    @classmethod
    def build(cls, model: Bindable, data: EvaluationSet, *, start: int | None, num_frames: int | None, batch_size: int) -> Self:
        """The task with its defaults filled in.

        Args:
            model: the model.
            data: the trajectories.
            start: index of the first predicted frame; twice the history by default.
            num_frames: frames to predict; to the end of the data by default.
            batch_size: trajectories predicted together.

        Raises:
            ValueError: the data are too short, or their time step is not that of the model.
        """
        first = 2 * model.history if start is None else start
        available = data.num_frames - first
        wanted = available if num_frames is None else num_frames
        if first < model.history or wanted < 1 or wanted > available:
            raise ValueError(
                f"Evaluation: frames {first} to {first + wanted - 1} need {model.history} given frames before and {first + wanted} stored ones, "
                f"got {data.num_frames} in {data.name}; change start or num_frames."
            )
        if abs(model.dt - data.dt) > 1e-5 * data.dt:
            raise ValueError(f"Evaluation: the model steps by dt={model.dt:g}, got data with dt={data.dt:g}; generate data at the model's step.")
        device = next(model.parameters()).device if isinstance(model, nn.Module) else torch.device("cpu")
        return cls(model, data, first, wanted, min(batch_size, data.num_trajectories), device)

    def parts(self) -> Iterator[slice]:
        """The trajectories in batches."""
        for low in range(0, self.data.num_trajectories, self.batch_size):
            yield slice(low, min(low + self.batch_size, self.data.num_trajectories))

    @property
    def time(self) -> float:
        """Time of the last given frame."""
        return self.data.times[self.first - 1].item()

    @property
    def times(self) -> list[float]:
        """Time of every predicted frame, in steps of the mean dt where every trajectory has a step of its own."""
        stretch = 1.0 if self.data.steps is None else self.data.steps.double().mean().item() / self.data.dt
        return (stretch * self.data.times[self.first : self.first + self.num_frames]).tolist()

    @property
    def elapsed(self) -> list[float]:
        """Time of every predicted frame since the last given one, in steps of the mean dt."""
        step = self.data.dt if self.data.steps is None else self.data.steps.double().mean().item()
        return [step * (k + 1) for k in range(self.num_frames)]

    def given(self, part: slice | Tensor) -> Tensor:
        """Frames before the first predicted one, ``(batch, first, channel, *space)``."""
        return self.data.frames[part, : self.first].to(self.device)

    def reference(self, part: slice | Tensor) -> Tensor:
        """Frames to be predicted, ``(batch, num_frames, channel, *space)`` on the CPU."""
        return self.data.frames[part, self.first : self.first + self.num_frames].cpu()

    def coefficients(self, part: slice | Tensor) -> Tensor:
        """What the model is told, ``(batch, num)``."""
        return self.data.coefficients[part].to(self.device)

    def bound(self, part: slice | Tensor) -> Stepper:
        """The model as a stepper for some trajectories."""
        return self.model.bind(self.data.domain, self.coefficients(part))

    def predict(self, stepper: Stepper, part: slice | Tensor, *, given: Tensor | None = None) -> Tensor:
        """Rollout of a stepper, ``(batch, num_frames, channel, *space)``, from the given frames of the data or from others."""
        with torch.no_grad():
            return rollout(stepper, self.given(part) if given is None else given, self.num_frames, self.time)

    def compare(self, stepper: Stepper, part: slice) -> Comparison:
        """Rollout of a stepper beside the reference."""
        return self.comparison(self.predict(stepper, part), part)

    def comparison(self, pred: Tensor, part: slice) -> Comparison:
        """A prediction ``(batch, num_frames, channel, *space)`` beside the reference."""
        data = self.data
        start = data.frames[part, self.first - 1 : self.first].cpu().double()
        steps = None if data.steps is None else data.steps[part]
        return Comparison(pred.cpu().double(), self.reference(part).double(), start, data.dt, data.domain, steps, data.velocity)
