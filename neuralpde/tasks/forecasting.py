"""Training a stepper on trajectories."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from hydra.utils import instantiate
from lightning.pytorch import Trainer
from omegaconf import DictConfig, OmegaConf
from rich.console import RenderableType

from neuralpde.evaluation import terminal_report, write_report
from neuralpde.modules import Forecast, effort, load_best, refuse_half_precision_fft, run_card, run_recipe, stepper_recipe
from neuralpde.pretrained import save_pretrained

__all__ = ["Forecasting"]


class Forecasting:
    """Trajectories in, a time stepper out: data files, network, objective, and a report of its rollouts.

    Args:
        config: needs ``data``, ``model``, ``stepper``, ``objective``, ``optimizer``, ``schedule``, ``trainer``, ``evaluation``,
            ``evaluate``, ``name`` and ``seed``.

    Raises:
        ValueError: parts that do not fit together.
    """

    def __init__(self, config: DictConfig) -> None:
        self.config = config
        self.plain = cast("dict[str, Any]", OmegaConf.to_container(config, resolve=True))
        objective = instantiate(config.objective)
        self.data = instantiate(config.data, history=config.stepper.history, future=objective.frames(config.stepper.horizon), _convert_="all")
        self.data.prepare_data()
        self.data.setup()
        self.recipe = stepper_recipe(self.plain["stepper"], self.plain["model"], self.data.spec)
        self.model = instantiate(self.recipe, _convert_="all")
        optimizer, schedule = (instantiate(config.get(part), _convert_="all") for part in ("optimizer", "schedule"))
        recipe = run_recipe(self.plain, self.recipe)
        self.module = Forecast(self.model, objective, domain=self.data.spec.domain, optimizer=optimizer, schedule=schedule, seed=config.seed, recipe=recipe)

    def check(self, trainer: Trainer) -> None:
        """Refuse half precision where the network has Fourier transforms and runs on a CPU."""
        refuse_half_precision_fft(self.model, precision=self.config.trainer.precision, accelerator=trainer.strategy.root_device.type)

    def finish(self, trainer: Trainer, folder: Path, command: str) -> RenderableType | None:
        """Checkpoint folder with its card; if ``evaluate``, scores, page and figures."""
        load_best(self.module, trainer)
        result = instantiate(self.config.evaluation, _convert_="all")(self.model, self.data, "test", name=self.config.name) if self.config.evaluate else None
        show = f"python evaluate.py checkpoint={_from_here(folder / 'pretrained')}"
        card = run_card(self.config.name, self.model, self.data, training=effort(trainer, command), result=result, command=show)
        save_pretrained(folder / "pretrained", self.model, config={"model": self.recipe, "data": self.plain["data"]}, card=card)
        if result is None:
            return None
        write_report(result, folder)
        return terminal_report(result)


def _from_here(path: Path) -> Path:
    """``path`` as a command would name it: relative where it lies below the working folder, so that a card does not tell where that is."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
