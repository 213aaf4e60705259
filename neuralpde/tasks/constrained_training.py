"""Training a network whose last layer is a constraint."""

from __future__ import annotations

from typing import Any, cast

from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf

from neuralpde.modules import run_recipe
from neuralpde.modules.operator_recipe import operator_recipe
from neuralpde.modules.operator_training import OperatorTraining
from neuralpde.tasks.forecasting import Forecasting

__all__ = ["ConstrainedTraining"]


class ConstrainedTraining(Forecasting):
    """Initial states in, an operator with a hard (or soft) constraint out; checks, scores and report are those of :class:`Forecasting`.

    Args:
        config: as there; ``operator`` describes a :class:`~neuralpde.constraints.ConstrainedOperator`.
    """

    def __init__(self, config: DictConfig) -> None:
        self.config = config
        self.plain = cast("dict[str, Any]", OmegaConf.to_container(config, resolve=True))
        objective = instantiate(config.objective, _convert_="all")
        self.data = instantiate(config.data, history=1, future=1, _convert_="all")
        self.data.prepare_data()
        self.data.setup()
        # Whole trajectories, of whatever length they are once frames are left out.
        self.data.future = objective.frames(self.data.spec.num_frames - 1)
        scenario = self.plain["data"]["scenario"]
        self.recipe = operator_recipe(self.plain["operator"], self.plain["model"], scenario, self.data.spec)
        self.model = instantiate(self.recipe, _convert_="all")
        optimizer, schedule = (instantiate(config.get(part), _convert_="all") for part in ("optimizer", "schedule"))
        recipe = run_recipe(self.plain, self.recipe)
        domain = self.data.spec.domain
        self.module = OperatorTraining(self.model, objective, domain=domain, optimizer=optimizer, schedule=schedule, seed=config.seed, recipe=recipe)
