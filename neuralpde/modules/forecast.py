"""The Lightning module of every forecasting model: wires a stepper, an objective and an optimiser together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from neuralpde.grids import Grid, PointSet
from neuralpde.losses import Objective, Window
from neuralpde.metrics import accumulated_error, correlation_time, pearson
from neuralpde.models import NeuralStepper
from neuralpde.modules.recipe import check_recipe
from neuralpde.rollout import rollout

if TYPE_CHECKING:
    from neuralpde.data import Trajectories

__all__ = ["ROLLOUT_METRIC", "Forecast"]

ROLLOUT_METRIC = "val/accumulated_error"
"""Name under which the validation rollout is logged; the best checkpoint is the one with the lowest value."""


class Forecast(LightningModule):
    """Training of a :class:`~neuralpde.models.NeuralStepper` by any :class:`~neuralpde.losses.Objective`.

    A training batch is a window of frames, a validation batch whole trajectories: the rollout starts from frame 2·history − 1 and its accumulated
    error is logged as ``val/accumulated_error``, the mean time to a Pearson correlation below 0.8 as ``val/correlation_time``. All randomness of step
    s, dropout included, is a function of (seed, s, rank), so that a resumed training repeats the steps it would have made.

    Args:
        stepper: the network.
        objective: what is minimised.
        domain: where the training data live.
        optimizer: parameters → optimiser.
        schedule: ``(optimizer, total_steps=…)`` → learning rate schedule, advanced every step; None keeps the rate constant.
        seed: seed of the random choices of the objective.
        recipe: plain containers that define the run; stored in checkpoints, and a checkpoint of another recipe is refused.

    Raises:
        ValueError: validation trajectories too short for a rollout, or a checkpoint of another recipe.

    Limits: the validation metric sums over the predicted frames and is not normalised; it compares runs on the same data only.
    """

    def __init__(
        self,
        stepper: NeuralStepper,
        objective: Objective,
        *,
        domain: Grid | PointSet,
        optimizer: Callable[[Iterable[nn.Parameter]], Optimizer],
        schedule: Callable[..., LRScheduler] | None = None,
        seed: int = 0,
        recipe: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.stepper, self.objective, self.domain = stepper, objective, domain
        self.make_optimizer, self.make_schedule = optimizer, schedule
        self.seed, self.recipe = seed, dict(recipe or {})
        self.graph = stepper.build_graph(domain)

    def on_fit_start(self) -> None:
        """Move the graph beside the weights, once."""
        if self.graph is not None:
            self.graph = self.graph.to(self.device, next(self.stepper.parameters()).dtype)

    def on_train_batch_start(self, batch: Window, batch_idx: int) -> None:
        """Seed whatever draws from the global generator, such as dropout."""
        torch.manual_seed(self._step_seed())

    def training_step(self, batch: Window, batch_idx: int) -> Tensor:
        """Loss of one window."""
        generator = torch.Generator().manual_seed(self._step_seed())
        loss = self.objective(self.stepper, batch, domain=self.domain, graph=self.graph, epoch=self.current_epoch, generator=generator)
        self.log("train/loss", loss, prog_bar=True, batch_size=len(batch.frames))
        return loss

    def on_before_optimizer_step(self, optimizer: Optimizer) -> None:
        """Log the learning rate and the norm of the gradient before clipping."""
        gradients = [p.grad for p in self.parameters() if p.grad is not None]
        self.log("train/grad_norm", nn.utils.get_total_norm(gradients))
        self.log("train/lr", optimizer.param_groups[0]["lr"])

    def validation_step(self, batch: Trajectories, batch_idx: int) -> Tensor:
        """Accumulated error of each trajectory's rollout, ``(batch,)``."""
        known, num_frames = 2 * self.stepper.history, batch.frames.shape[1]
        if num_frames <= known:
            raise ValueError(
                f"Forecast: a rollout needs more than {known} frames (twice the history), got {num_frames}; lower the history or generate longer trajectories."
            )
        bound = self.stepper.bind(self.domain, batch.coefficients)
        pred = rollout(bound, batch.frames[:, :known], num_frames - known, float(batch.times[known - 1]))
        error = accumulated_error(pred, batch.frames[:, known:])
        self.log(ROLLOUT_METRIC, error.mean(), prog_bar=True, batch_size=len(error), sync_dist=True)
        agreement = correlation_time(pearson(pred, batch.frames[:, known:]), threshold=0.8, dt=self.stepper.dt).time
        self.log("val/correlation_time", agreement.float().mean(), batch_size=len(error), sync_dist=True)
        return error

    def configure_optimizers(self) -> Any:
        """The optimiser, and its schedule over the steps of the whole training."""
        optimizer = self.make_optimizer(self.parameters())
        if self.make_schedule is None:
            return optimizer
        schedule = self.make_schedule(optimizer, total_steps=int(self.trainer.estimated_stepping_batches))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Store the recipe, plain containers only, so that the file loads without unpickling objects."""
        checkpoint["recipe"] = self.recipe

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Refuse a checkpoint of another recipe before any weight is used."""
        check_recipe(self.recipe, checkpoint.get("recipe", self.recipe))

    def _step_seed(self) -> int:
        return int(np.random.SeedSequence([self.seed, self.global_step, self.global_rank]).generate_state(1)[0])
