"""The complete description of a constrained operator: choices from the config, facts from the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neuralpde.data import DataSpec

__all__ = ["operator_recipe"]


def operator_recipe(stepper: Mapping[str, Any], backbone: Mapping[str, Any], scenario: Mapping[str, Any], spec: DataSpec) -> dict[str, Any]:
    """Plain ``_target_`` tree of a :class:`~neuralpde.constraints.ConstrainedOperator`.

    Args:
        stepper: its target, ``num_basis``, ``constraint``, ``ansatz`` and ``graph``; a ``time_scale`` that the ansatz leaves null is that of the data.
        backbone: the network's target and sizes; it works in space and time, on the state and the coordinates.
        scenario: config of the data's scenario; gives the equation and its constant coefficients.
        spec: what the data are.

    Raises:
        ValueError: coefficients that vary from trajectory to trajectory and are not among those the model is told.
    """
    constants = {name: value for name, value in (scenario.get("coefficients") or {}).items() if isinstance(value, int | float)}
    hidden = set(scenario.get("coefficients") or {}) - set(constants) - set(spec.coefficient_names)
    if hidden:
        raise ValueError(f"stepper: the constraint needs every coefficient of the equation, got none for {sorted(hidden)}; name them in data.conditioned_on.")
    ndim, channels, num_basis = spec.domain.ndim, spec.channels, int(stepper["num_basis"])
    known = {"fields": channels, "periodic": [False, *spec.domain.periodic], "level": False}
    time_scale = float(spec.time_scale)
    ansatz = stepper.get("ansatz")
    return {
        **stepper,
        "backbone": {
            **{key: known.get(key) if choice is None else choice for key, choice in backbone.items()},
            "in_channels": channels + ndim + 1,
            "out_channels": num_basis * channels,
            "ndim": ndim + 1,
            "num_coefficients": len(spec.coefficient_names),
        },
        "equations": {
            "_target_": "neuralpde.constraints.EquationFamily",
            "equation": {**scenario["equation"], **constants, "_partial_": True},
            "names": list(spec.coefficient_names),
            "scales": [float(scale) for scale in spec.coefficient_scale],
        },
        "time": {"_target_": "neuralpde.constraints.TimeAxis", "horizon": spec.num_frames - 1, "dt": float(spec.dt), "scale": time_scale},
        "ansatz": {**ansatz, "time_scale": time_scale} if ansatz is not None and ansatz.get("time_scale", 0) is None else ansatz,
        "channels": channels,
    }
