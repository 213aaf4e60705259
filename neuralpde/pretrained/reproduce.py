"""A small number of a card, computed again from nothing but the card and the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from neuralpde.constraints import ConstrainedOperator
from neuralpde.data.recipe import from_recipe
from neuralpde.data.scenario import Draw, Scenario
from neuralpde.metrics import accumulated_error
from neuralpde.models import NeuralStepper
from neuralpde.pretrained.checkpoint import Pretrained
from neuralpde.pretrained.data_source import DataSource
from neuralpde.pretrained.errors import CheckpointError
from neuralpde.resampling import resample
from neuralpde.rollout import rollout

__all__ = ["first_trajectories_error", "rebuild_scenario", "reproduce"]


def reproduce(pretrained: Pretrained) -> float:
    """The value of ``card.check``, computed again: the first test trajectories are drawn and solved anew, nothing is downloaded or read.

    Equal to ``card.check.value`` within the relative ``card.check.tolerance`` if weights, code and machine do what they did at publication.

    Raises:
        CheckpointError: the card records no check.
    """
    check = pretrained.card.check
    if check is None:
        raise CheckpointError(f"reproduce: the card {pretrained.card.name!r} needs a recorded check, got none; publish it with neuralpde.pretrained.publish.")
    return first_trajectories_error(
        pretrained.model,
        pretrained.config.get("data", {}),
        pretrained.card.trained_on,
        num_trajectories=check.num_trajectories,
        resolution=check.resolution,
        num_frames=check.num_frames,
    )


def first_trajectories_error(
    model: NeuralStepper | ConstrainedOperator,
    data: Mapping[str, Any],
    source: DataSource,
    *,
    num_trajectories: int,
    resolution: Sequence[int],
    num_frames: int | None = None,
) -> float:
    """Mean accumulated error of rollouts from frame 2·history − 1 on, on the first trajectories of the test split, generated here.

    Args:
        model: the network.
        data: ``config["data"]``: ``fields`` and ``conditioned_on`` name channels and coefficients in the order of training.
        source: scenario and seed.
        num_trajectories: how many.
        resolution: points per axis of the frames that the network sees.
        num_frames: frames predicted; None for all there are.

    Raises:
        CheckpointError: the source holds no scenario of neuralpde.
    """
    scenario = rebuild_scenario(source)
    draw = scenario.draw(source.seed, range(num_trajectories), "test")
    # Rounded to float32 before resampling, as in a stored file.
    frames = scenario.solve(draw).float().double()
    channels = [scenario.fields.index(name) for name in data.get("fields") or scenario.fields]
    grid = scenario.grid.resized(resolution)
    frames = resample(frames[:, :, channels], scenario.grid, grid).float()
    known = 2 * model.history
    stepper = model.bind(grid, _coefficients(draw, data.get("conditioned_on") or ()))
    reference = frames[:, known:][:, :num_frames]
    pred = rollout(stepper, frames[:, :known], reference.shape[1], float(scenario.times[known - 1]))
    return float(accumulated_error(pred, reference).mean())


def rebuild_scenario(source: DataSource) -> Scenario:
    """The scenario of a card; builds classes of neuralpde only.

    Raises:
        CheckpointError: the source holds none, or one that this version cannot build.
    """
    try:
        scenario = from_recipe(source.scenario)
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{source.name}: expected a scenario that this neuralpde can build, got the error '{error}'; update neuralpde.") from error
    if not isinstance(scenario, Scenario):
        raise CheckpointError(f"{source.name}: expected a scenario in the card, got none; such data cannot be generated again.")
    return scenario


def _coefficients(draw: Draw, names: Sequence[str]) -> Tensor:
    columns = draw.columns()
    return torch.stack([columns[name] for name in names], dim=1).float() if names else torch.zeros(len(draw.indices), 0)
