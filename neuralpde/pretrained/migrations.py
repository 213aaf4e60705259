"""Configurations of older versions, brought to the present one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from neuralpde.pretrained.errors import CheckpointError

__all__ = ["FORMAT", "MIGRATIONS", "VERSION", "check_version", "migrate"]

FORMAT = "neuralpde.checkpoint"

Migration = Callable[[dict[str, Any]], dict[str, Any]]


def _group_arguments_of_operators(config: dict[str, Any]) -> dict[str, Any]:
    """Version 1 listed the frames of a constrained operator, and the coefficients of its equation, argument by argument."""
    model = config.get("model")
    moved = {"equation", "coefficient_names", "coefficient_scale", "horizon", "dt", "time_scale"}
    if not isinstance(model, dict) or model.get("_target_") != "neuralpde.constraints.ConstrainedOperator" or not moved <= model.keys():
        return config
    grouped = {
        "equations": {
            "_target_": "neuralpde.constraints.EquationFamily",
            "equation": model["equation"],
            "names": model["coefficient_names"],
            "scales": model["coefficient_scale"],
        },
        "time": {"_target_": "neuralpde.constraints.TimeAxis", "horizon": model["horizon"], "dt": model["dt"], "scale": model["time_scale"]},
    }
    return {**config, "model": {**{key: value for key, value in model.items() if key not in moved}, **grouped}}


MIGRATIONS: tuple[Migration, ...] = (_group_arguments_of_operators,)
"""Entry i turns a configuration of version i + 1 into one of version i + 2, in plain types; published files keep loading."""

VERSION = 1 + len(MIGRATIONS)
"""Version that is written."""


def check_version(config: dict[str, Any], source: str) -> None:
    """Refuse what is no configuration of a checkpoint, or one of a newer version.

    Args:
        config: content of ``config.json``.
        source: name of the file for error messages.

    Raises:
        CheckpointError: another format, no version, or a newer one.
    """
    version = config.get("version")
    if config.get("format") != FORMAT:
        raise CheckpointError(f"{source}: expected format {FORMAT!r}, got {config.get('format')!r}; name a folder that save_pretrained wrote.")
    if type(version) is not int or version < 1:
        raise CheckpointError(f"{source}: expected a version from 1 to {VERSION}, got {version!r}; fetch the checkpoint again.")
    if version > VERSION:
        raise CheckpointError(
            f"{source}: this neuralpde reads versions up to {VERSION}, got {version}, written by neuralpde {config.get('neuralpde_version')}; "
            "update neuralpde (pip install -U neuralpde)."
        )


def migrate(config: dict[str, Any], migrations: Sequence[Migration] = MIGRATIONS) -> dict[str, Any]:
    """``config`` in the newest version, through every step between.

    Args:
        config: content of ``config.json``, of a version that :func:`check_version` accepts.
        migrations: one step per older version.
    """
    for step in migrations[config["version"] - 1 :]:
        config = {**step(config), "version": config["version"] + 1}
    return config
