"""Other trained networks, scored on the same trajectories and in the same report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from neuralpde.evaluation.task import Task
from neuralpde.pretrained import Pretrained, load_pretrained

__all__ = ["rival_tasks"]


def rival_tasks(checkpoints: Iterable[str], task: Task, *, coefficients: Mapping[str, float | str], taken: Iterable[str] = ()) -> Iterator[tuple[str, Task]]:
    """The same forecast by other networks, each told the coefficients that it was trained with.

    Args:
        checkpoints: cards, folders or hub ids.
        task: the forecast.
        coefficients: see :meth:`EvaluationSet.from_file`.
        taken: names in use; a network of such a name gets a number behind it.

    Raises:
        ValueError: a network with another time step, more history than is given, or other fields.
    """
    names = set(taken)
    for checkpoint in checkpoints:
        found = load_pretrained(checkpoint)
        name = found.card.name if found.card.name not in names else f"{found.card.name} ({len(names) + 1})"
        names.add(name)
        _check(checkpoint, found, task)
        seen = found.config.get("data", {})
        yield name, replace(task, model=found.model.to(task.device), data=task.data.told(tuple(seen.get("conditioned_on") or ()), coefficients))


def _check(checkpoint: str, found: Pretrained, task: Task) -> None:
    model = found.model
    fields = tuple(found.config.get("data", {}).get("fields") or task.data.fields)
    if model.history > task.first or abs(model.dt - task.data.dt) > 1e-5 * task.data.dt or fields != task.data.fields:
        raise ValueError(
            f"Evaluation: the rival {checkpoint} needs dt={task.data.dt:g}, at most {task.first} frames of history and the fields {list(task.data.fields)}, "
            f"got dt={model.dt:g}, {model.history} frames and {list(fields)}; evaluate it on its own."
        )
