"""Several optimisers one after the other, as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

__all__ = ["Stage", "Stages"]


class Stage:
    """One optimiser for a number of steps.

    Args:
        optimizer: parameters → optimiser.
        steps: how many; the last stage goes on for as long as it is asked to.
        schedule: ``(optimizer, total_steps=…)`` → learning rate schedule within the stage; None keeps the rate.
    """

    def __init__(self, optimizer: Callable[[Iterable[nn.Parameter]], Optimizer], *, steps: int, schedule: Callable[..., LRScheduler] | None = None) -> None:
        self.optimizer, self.steps, self.schedule = optimizer, steps, schedule


class Stages(Optimizer):
    """Adam first, then a method that uses curvature: a schedule of optimisers that a trainer sees as a single one.

    Learning rates belong to the stages, so a trainer puts no schedule around it. Methods with a memory of curvature need points that stay the same: let
    :class:`~neuralpde.collocation.Refresh` hold them from the step at which such a stage begins.

    Attributes:
        has_schedules: tells a module to leave out the schedule it was given.

    Args:
        params: parameters.
        stages: in order.

    Raises:
        ValueError: no stage.
    """

    has_schedules = True

    def __init__(self, params: Iterable[nn.Parameter], stages: Sequence[Stage]) -> None:
        if not stages:
            raise ValueError("Stages: needs at least one stage, got none; give a list of Stage.")
        params = list(params)
        self.lengths = [stage.steps for stage in stages]
        self.parts = [stage.optimizer(params) for stage in stages]
        self.schedules = [stage.schedule and stage.schedule(part, total_steps=stage.steps) for stage, part in zip(stages, self.parts, strict=True)]
        self.count = 0
        super().__init__(params, {"lr": self.parts[0].param_groups[0]["lr"]})

    @property
    def active(self) -> int:
        """Number of the stage that makes the next step."""
        begin = 0
        for number, length in enumerate(self.lengths[:-1]):
            begin += length
            if self.count < begin:
                return number
        return len(self.lengths) - 1

    @property
    def needs_graph(self) -> bool:
        """Whether the active optimiser wants the loss on the tape instead of a backward pass."""
        return getattr(self.parts[self.active], "needs_graph", False)

    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:  # type: ignore[override]
        """One step of the active optimiser; those with a line search need the closure."""
        number = self.active
        loss: Any = self.parts[number].step(closure)  # pyright: ignore[reportArgumentType, reportCallIssue]
        self.count += 1
        schedule = self.schedules[number]
        if schedule is not None:
            schedule.step()
        for group in self.param_groups:
            group["lr"] = self.parts[self.active].param_groups[0]["lr"]
        return loss

    def state_dict(self) -> dict[str, Any]:
        """States of all parts and schedules."""
        schedules = [schedule.state_dict() if schedule is not None else None for schedule in self.schedules]
        return {"count": self.count, "parts": [part.state_dict() for part in self.parts], "schedules": schedules}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore what :meth:`state_dict` returned."""
        self.count = state_dict["count"]
        for part, state in zip(self.parts, state_dict["parts"], strict=True):
            part.load_state_dict(state)
        for schedule, state in zip(self.schedules, state_dict["schedules"], strict=True):
            if schedule is not None:
                schedule.load_state_dict(state)
