"""The complete description of a network and of its training: choices from the config, facts from the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hydra.utils import get_class

if TYPE_CHECKING:
    from neuralpde.data import DataSpec
    from neuralpde.models import NeuralStepper

__all__ = ["check_recipe", "run_recipe", "stepper_recipe"]

OF_THE_MACHINE = ("root", "num_workers", "in_memory")
"""Options of the data that change nothing in what is learnt."""

OF_THE_TRAINING = ("objective", "optimizer", "schedule", "seed")


def stepper_recipe(stepper: Mapping[str, Any], backbone: Mapping[str, Any], spec: DataSpec) -> dict[str, Any]:
    """Plain ``_target_`` tree of a :class:`~neuralpde.models.NeuralStepper`, ready to be instantiated and to be stored beside its weights.

    Args:
        stepper: its target, ``history``, ``horizon``, ``output`` and ``graph``.
        backbone: the network's target and sizes; ``fields`` and ``periodic`` that it leaves null are taken from the data, ``level``
            from the stepper. A stepper inside the stepper gets a network of the same config.
        spec: what the data are; gives channels, dimension, time step and scales.

    Raises:
        ValueError: trajectories too short for a rollout that leaves out the first ``2 history`` frames.
    """
    skipped = 2 * stepper["history"]
    if spec.num_frames <= skipped:
        raise ValueError(
            f"stepper: history={stepper['history']} needs trajectories of more than {skipped} frames, got {spec.num_frames}; "
            "lower stepper.history or generate longer trajectories."
        )
    kind: type[NeuralStepper] = get_class(stepper["_target_"])
    channels, num_coefficients = spec.channels, len(spec.coefficient_names)
    known = {"fields": channels, "periodic": _one_or_all(spec.domain.periodic), "level": kind.tells_level}
    return {
        **{key: _with_parts(choice, backbone, spec) for key, choice in stepper.items()},
        "backbone": {
            **{key: known.get(key) if choice is None else choice for key, choice in backbone.items()},
            "in_channels": kind.frames_seen(stepper["history"], stepper["horizon"]) * channels,
            "out_channels": stepper["horizon"] * channels,
            "ndim": spec.domain.ndim,
            "num_coefficients": num_coefficients,
        },
        "channels": channels,
        "dt": float(spec.dt),
        "time_scale": float(spec.time_scale),
        "coefficient_scale": [float(scale) for scale in spec.coefficient_scale],
    }


def _with_parts(choice: Any, backbone: Mapping[str, Any], spec: DataSpec) -> Any:
    """A part of a stepper; where that is a stepper itself it is completed too, with the same backbone."""
    if not isinstance(choice, Mapping):
        return choice
    if "history" in choice:
        return stepper_recipe(choice, backbone, spec)
    return {key: _with_parts(part, backbone, spec) for key, part in choice.items()}


def _one_or_all(flags: Sequence[bool]) -> bool | list[bool]:
    """One flag if it serves every axis."""
    return flags[0] if len(set(flags)) == 1 else list(flags)


def run_recipe(config: Mapping[str, Any], model: Mapping[str, Any]) -> dict[str, Any]:
    """What two commands must share for one to continue the other: network, data, objective, optimiser, schedule and seed.

    The number of epochs, the hardware, callbacks and loggers may change.

    Args:
        config: the composed config in plain containers.
        model: the network's recipe, see :func:`stepper_recipe`.
    """
    data = {key: value for key, value in config["data"].items() if key not in OF_THE_MACHINE}
    return {"model": dict(model), "data": data, **{part: config.get(part) for part in OF_THE_TRAINING}}


def check_recipe(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    """Refuse to continue a run of another recipe.

    Args:
        ours: recipe of this run.
        theirs: recipe in the checkpoint.

    Raises:
        ValueError: names the first entry that differs.
    """
    for key, mine, other in _differences(ours, theirs):
        raise ValueError(f"ckpt_path: the run asks for {key}={mine!r}, the checkpoint was trained with {other!r}; give the same options or start a new run.")


def _differences(ours: Any, theirs: Any, key: str = "") -> Iterable[tuple[str, Any, Any]]:
    """Leaves in which two trees differ, as (dotted key, ours, theirs); None stands for a missing one."""
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for name in [*ours, *(name for name in theirs if name not in ours)]:
            yield from _differences(ours.get(name), theirs.get(name), f"{key}.{name}" if key else str(name))
    elif ours != theirs:
        yield key, ours, theirs
