"""Three trajectories to look at."""

from __future__ import annotations

import math

import torch

from neuralpde.evaluation.result import Example, Method
from neuralpde.evaluation.task import Task

__all__ = ["examples"]


def examples(task: Task, network: Method) -> tuple[Example, ...]:
    """The trajectories of the smallest, the median and the largest accumulated error, predicted again; one that blew up is the worst."""
    errors = network.per_trajectory["accumulated_error"]
    ranks = [math.inf if error is None else error for error in errors]
    order = sorted(range(len(errors)), key=ranks.__getitem__)
    chosen = {"best": order[0], "median": order[len(order) // 2], "worst": order[-1]}
    part = torch.tensor(list(chosen.values()))
    pred, ref = task.predict(task.bound(part), part).cpu(), task.reference(part)
    steps = task.data.steps
    return tuple(
        Example(label, int(task.data.indices[i]), errors[i], ref[k], pred[k], None if steps is None else steps[i].item())
        for k, (label, i) in enumerate(chosen.items())
    )
