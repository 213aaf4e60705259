"""Training a network on an equation alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import torch
from hydra.utils import instantiate
from lightning.pytorch import Trainer
from omegaconf import DictConfig, OmegaConf
from rich.console import RenderableType

from neuralpde.losses import PhysicsLoss
from neuralpde.models import constrain
from neuralpde.modules import CollocationSteps, PhysicsInformed, TrainingPoints, load_best
from neuralpde.problems import Problem
from neuralpde.tasks.physics_summary import PhysicsSummary, summary_table, write_summary

__all__ = ["PhysicsInformedTraining"]

OF_THE_RUN = ("problem", "network", "residual", "weighting", "points", "optimizer", "schedule", "seed")
"""What two commands must share for one to continue the other."""


class PhysicsInformedTraining:
    """A boundary value problem in, a network that solves it out; no data set.

    Args:
        config: needs ``problem``, ``network``, ``residual``, ``weighting``, ``condition_points``, ``points``, ``steps``, ``optimizer``, ``schedule``,
            ``name`` and ``seed``.
    """

    def __init__(self, config: DictConfig) -> None:
        plain = cast("dict[str, Any]", OmegaConf.to_container(config, resolve=True))
        self.name = config.name
        problem: Problem = instantiate(config.problem, _convert_="all")
        network = constrain(problem, instantiate(config.network, _convert_="all")(problem.num_coordinates, problem.num_fields))
        residual, weighting, sampling = (instantiate(config.get(part), _convert_="all") for part in ("residual", "weighting", "points"))
        loss = PhysicsLoss(residual, weighting=weighting, condition_points=config.condition_points)
        optimizer, schedule = (instantiate(config.get(part), _convert_="all") for part in ("optimizer", "schedule"))
        recipe = {part: plain.get(part) for part in OF_THE_RUN}
        points: TrainingPoints = sampling
        self.module = PhysicsInformed(problem, network, loss, points=points, optimizer=optimizer, schedule=schedule, seed=config.seed, recipe=recipe)
        self.data = CollocationSteps(problem, **plain["steps"])

    def check(self, trainer: Trainer) -> None:
        """One process, full precision (derivatives of high order do not survive half of it), and parts that fit each other.

        Raises:
            ValueError: several processes, half precision, or a loss that cannot be evaluated.
        """
        if trainer.world_size > 1:
            raise ValueError(f"trainer.devices: physics-informed training needs one process, got {trainer.world_size}; set trainer.devices=1.")
        if "16" in str(trainer.precision):
            raise ValueError(f"trainer.precision: residuals need float32 or float64, got {trainer.precision!r}; set trainer.precision=32-true.")
        try:
            self.module.terms(0)
        except TypeError as error:  # a residual, a law or points that this problem or network does not have
            raise ValueError(str(error)) from error

    def finish(self, trainer: Trainer, folder: Path, command: str) -> RenderableType | None:
        """``summary.json``: error of the last and of the best weights, effort and environment."""
        final = self._scores()
        load_best(self.module, trainer)
        best = self._scores()
        summary = PhysicsSummary.of(self.name, trainer, final=final, best=best, command=command)
        write_summary(summary, folder)
        return summary_table(summary)

    def _scores(self) -> dict[str, float]:
        points = self.data.points.to(self.module.device, cast("torch.dtype", self.module.dtype))
        with torch.no_grad():
            scores = self.module.problem.scores(self.module.network, points)
        return {name: value.item() for name, value in scores.items()}
