"""The complete description of a network and of its training: choices from the config, facts from the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neuralpde.data import DataSpec

__all__ = ["run_recipe", "stepper_recipe"]

OF_THE_MACHINE = ("root", "num_workers", "in_memory")
"""Options of the data that change nothing in what is learnt."""

OF_THE_TRAINING = ("objective", "optimizer", "schedule", "seed")


def stepper_recipe(stepper: Mapping[str, Any], backbone: Mapping[str, Any], spec: DataSpec) -> dict[str, Any]:
    """Plain ``_target_`` tree of a :class:`~neuralpde.models.NeuralStepper`, ready to be instantiated and to be stored beside its weights.

    Args:
        stepper: its target, ``history``, ``horizon``, ``output`` and ``graph``.
        backbone: the network's target and sizes; ``fields`` and ``periodic`` that it leaves null are taken from the data.
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
    channels, num_coefficients = spec.channels, len(spec.coefficient_names)
    known = {"fields": channels, "periodic": _one_or_all(spec.domain.periodic)}
    return {
        **stepper,
        "backbone": {
            **{key: known.get(key) if choice is None else choice for key, choice in backbone.items()},
            "in_channels": stepper["history"] * channels,
            "out_channels": stepper["horizon"] * channels,
            "ndim": spec.domain.ndim,
            "num_coefficients": num_coefficients,
        },
        "channels": channels,
        "dt": float(spec.dt),
        "time_scale": float(spec.time_scale),
        "coefficient_scale": [float(scale) for scale in spec.coefficient_scale],
    }


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
