"""The card of a network that was just trained."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import Timer

from neuralpde.evaluation import Result, environment
from neuralpde.pretrained import Card, DataSource, Score, Training

if TYPE_CHECKING:
    from neuralpde.data import TrajectoryDataModule
    from neuralpde.models import NeuralStepper

__all__ = ["SCORED", "effort", "run_card"]

SCORED = ("accumulated_error", "nrmse", "pearson", "averaged_correlation_time_0.8")
"""Metrics that go into the card, as far as the evaluation has them: means over trajectories, or scores of the whole set."""


def run_card(name: str, model: NeuralStepper, data: TrajectoryDataModule, *, training: Training, result: Result | None, command: str) -> Card:
    """What a run knows about its network: data with fingerprints, effort, and scores if it was evaluated.

    Args:
        name: of the run; letters that a card's name cannot hold become ``-``.
        model: the network.
        data: what it was trained on; every split is read once for its fingerprint.
        training: what the training took.
        result: its evaluation on the test split.
        command: the command line that shows the scores.

    Limits: scores that are not finite are left out; the run's report has them all.
    """
    source = DataSource.of(str(data.name), {split: data.file(split) for split in ("train", "valid", "test")})
    return Card(
        name="".join(letter if letter.isalnum() or letter in "_.-" else "-" for letter in name),
        summary=f"{type(model.backbone).__name__} on {data.name}: {model.history} frames in, {model.horizon} out.",
        trained_on=source,
        training=training,
        scores=_scores(result, command) if result is not None else (),
    )


def effort(trainer: Trainer, command: str) -> Training:
    """What a fit took, all its resumed parts together.

    Args:
        trainer: after the fit; without a ``Timer`` among its callbacks the time is not known and zero.
        command: the command line that repeats it.
    """
    seconds = sum(callback.time_elapsed("train") for callback in trainer.callbacks if isinstance(callback, Timer))  # pyright: ignore[reportAttributeAccessIssue]
    return Training(trainer.global_step, seconds, environment(trainer.strategy.root_device)["device"], command)


def _scores(result: Result, command: str) -> tuple[Score, ...]:
    network, size = result.network, result.settings["num_trajectories"]
    measured_on = f"{result.data}, {size} trajectories, {'×'.join(map(str, network.shape))} points"
    means = {metric: (summary.mean, summary.std) for metric, summary in network.scores.items()}
    found = means | {metric: (value, None) for metric, value in network.set_scores.items()}
    finite = {metric: (value, spread) for metric, (value, spread) in found.items() if value is not None and math.isfinite(value)}
    return tuple(
        Score(metric, finite[metric][0], result.definitions[metric], command, spread=finite[metric][1], data=measured_on)
        for metric in SCORED
        if metric in finite
    )
