"""Where several predictions of the same future come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor, nn
from typing_extensions import override

from neuralpde.evaluation.one_step import Refined
from neuralpde.evaluation.task import Bindable, Task
from neuralpde.pretrained import load_pretrained

__all__ = ["InputNoise", "ModelEnsemble", "Sampling", "Seeds"]


class Sampling(ABC):
    """Several rollouts of every trajectory.

    Attributes:
        definition: in which respect they differ, printed beside the results.
    """

    definition: str

    @abstractmethod
    def refusal(self, task: Task) -> str:
        """Why it cannot be used with the model; empty if it can."""

    @abstractmethod
    def rollouts(self, task: Task, part: slice) -> Iterator[Tensor]:
        """The rollouts of some trajectories one after the other, each ``(batch, time, channel, *space)`` on the device of the model."""


@dataclass(frozen=True)
class Seeds(Sampling):
    """Rollouts of one stochastic model from one start with different random numbers: what PDE-Refiner offers for free.

    Args:
        num_samples: rollouts per trajectory, at least 2.
        seed: the rollouts have the seeds ``seed``, ``seed + 1``, …

    Reference: Lippe et al., PDE-Refiner (2023), section 4.3.
    """

    num_samples: int = 32
    seed: int = 0
    definition: ClassVar[str] = "one model, one start, different random numbers in every refinement"

    @override
    def refusal(self, task: Task) -> str:
        kind = type(task.model).__name__
        return "" if isinstance(task.model, Refined) else f"{kind} draws no random numbers, so that its rollouts are all the same"

    @override
    def rollouts(self, task: Task, part: slice) -> Iterator[Tensor]:
        model = task.model
        if not isinstance(model, Refined):
            raise ValueError(f"Seeds: needs a model that refines by random numbers, got {type(model).__name__}; use InputNoise or ModelEnsemble.")
        for sample in range(self.num_samples):
            yield task.predict(model.bind(task.data.domain, task.coefficients(part), self.seed + sample), part)


@dataclass(frozen=True)
class InputNoise(Sampling):
    """Rollouts of one model from starts with white noise on every given frame: the usual substitute for models without random numbers.

    Args:
        std: standard deviation of the noise in units of the field; the result depends on it, so it is part of the definition.
        num_samples: rollouts per trajectory, at least 2.
        seed: of the noise.

    Limits: independent of the error of the model, which it therefore says little about; it measures how fast the flow forgets its start.
    """

    std: float
    num_samples: int = 32
    seed: int = 0

    @property
    def definition(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride] — read only, as a class attribute is
        """See :class:`Sampling`."""
        return f"one model, starts with white noise of standard deviation {self.std:g} added"

    @override
    def refusal(self, task: Task) -> str:
        del task
        return "" if self.std > 0 else "the standard deviation of the noise is zero"

    @override
    def rollouts(self, task: Task, part: slice) -> Iterator[Tensor]:
        given = task.data.frames[part, : task.first]
        stepper = task.bound(part)
        for sample in range(self.num_samples):
            generator = torch.Generator().manual_seed((self.seed + sample) * 1_000_003 + part.start)
            noise = self.std * torch.randn(given.shape, generator=generator, dtype=given.dtype)
            yield task.predict(stepper, part, given=(given + noise).to(task.device))


@dataclass(frozen=True)
class ModelEnsemble(Sampling):
    """Rollouts of several models from one start: the evaluated one and others trained with other seeds.

    Args:
        checkpoints: the other models: cards, folders or hub ids.
        members: other models that are loaded already.
    """

    checkpoints: Sequence[str] = ()
    members: Sequence[Bindable] = field(default=(), repr=False)

    @property
    def definition(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride] — read only, as a class attribute is
        """See :class:`Sampling`."""
        return f"{1 + len(self.checkpoints) + len(self.members)} models trained with different seeds, one start"

    @cached_property
    def _loaded(self) -> tuple[Bindable, ...]:
        return tuple(load_pretrained(name).model for name in self.checkpoints)

    @override
    def refusal(self, task: Task) -> str:
        del task
        return "" if self.checkpoints or self.members else "no other models were named"

    @override
    def rollouts(self, task: Task, part: slice) -> Iterator[Tensor]:
        yield task.predict(task.bound(part), part)
        for model in (*self.members, *self._loaded):
            if isinstance(model, nn.Module):
                model.to(task.device)
            if model.history > task.first or abs(model.dt - task.model.dt) > 1e-5 * task.model.dt:
                raise ValueError(
                    f"ModelEnsemble: every member needs dt={task.model.dt:g} and at most {task.first} frames of history, got dt={model.dt:g} and "
                    f"{model.history}; name models of one kind."
                )
            yield task.predict(replace(task, model=model).bound(part), part)
