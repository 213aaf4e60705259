"""The Lightning module of physics-informed training: a problem, a network and points, no data set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import numpy as np
import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from neuralpde.collocation import Refresh, Sampler, Uniform, effective_sample_size
from neuralpde.losses import PhysicsLoss
from neuralpde.modules.recipe import check_recipe
from neuralpde.problems import EvaluationPoints, Problem

__all__ = ["PhysicsInformed", "TrainingPoints"]


class TrainingPoints(nn.Module):
    """How many points, of which law, and how often new ones.

    Args:
        num_points: points inside the domain per draw.
        sampler: their law.
        refresh: when they are drawn anew.
    """

    def __init__(self, num_points: int = 100, *, sampler: Sampler | None = None, refresh: Refresh | None = None) -> None:
        super().__init__()
        self.num_points, self.sampler, self.refresh = num_points, sampler or Uniform(), refresh or Refresh()


class PhysicsInformed(LightningModule):
    """Training of a network on the residual of a :class:`~neuralpde.problems.Problem` and its conditions.

    A training batch is nothing but the number of a step; a validation batch is the points, in blocks, at which the network is scored against the exact
    solution: ``val/relative_l2``, ``val/trivial`` and ``val/skill``, their ratio. What the loss adapts is logged as ``train/…``, and so is the effective
    sample size of points that carry weights. Points and directions of a step are functions of (seed, step), so a resumed training repeats the steps it would
    have made.

    Args:
        problem: what is solved; its tensors are stored in checkpoints.
        network: ``(points, coordinates)`` → ``(points, fields)``.
        loss: what is minimised.
        points: where.
        optimizer: parameters → optimiser. One whose ``needs_graph`` is true gets a closure that returns the loss on the tape and does no backward pass.
        schedule: ``(optimizer, total_steps=…)`` → learning rate schedule, advanced every step; None keeps the rate constant. It is left out for an
            optimiser whose ``has_schedules`` is true.
        seed: of points and directions.
        recipe: plain containers that define the run; a checkpoint of another recipe is refused.

    Raises:
        ValueError: a checkpoint of another recipe.

    Limits: one process. A step of an optimiser with a line search evaluates the loss several times, at the same points and directions.
    """

    def __init__(
        self,
        problem: Problem,
        network: nn.Module,
        loss: PhysicsLoss,
        *,
        points: TrainingPoints,
        optimizer: Callable[[Iterable[nn.Parameter]], Optimizer],
        schedule: Callable[..., LRScheduler] | None = None,
        seed: int = 0,
        recipe: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.automatic_optimization = False  # closures that differ from optimiser to optimiser
        self.problem, self.network, self.loss, self.points = problem, network, loss, points
        self.make_optimizer, self.make_schedule = optimizer, schedule
        self.seed, self.recipe = seed, dict(recipe or {})

    def terms(self, step: int) -> dict[str, Tensor]:
        """Terms of the loss at the points of a step, on the tape."""
        return self._terms_at(*self._weighted_points(step), step)

    def residuals(self, step: int) -> dict[str, Tensor]:
        """What is squared in each term, at the points of a step, on the tape."""
        return self.loss.residuals(self.problem, self.network, self.draw(step), self._generator("directions", step))

    def draw(self, step: int) -> Tensor:
        """Training points of a step, ``(points, coordinates)``."""
        generator = self._generator("points", self.points.refresh.draw(step))
        return self._placed(self.points.sampler.points(self.problem.domain, self.points.num_points, generator))

    def residual_size(self, x: Tensor) -> Tensor:
        """|r| at points, without a tape, ``(points,)``."""
        x = self._placed(x)
        residual = self.loss.residual.residual(self.problem, self.network, x, self._generator("size", self.global_step))
        return residual.detach().reshape(len(x), -1).norm(dim=1)

    def training_step(self, batch: int, batch_idx: int) -> None:
        """One step of the optimiser."""
        step = self.global_step
        self._adapt_points(step)
        optimizer: Any = self.optimizers()
        self._balance(step)
        needs_graph = getattr(optimizer.optimizer, "needs_graph", False)
        x, weights = self._weighted_points(step)
        latest: dict[str, Tensor] = {}

        def closure() -> Tensor:
            terms = self._terms_at(x, weights, step)
            total = self.loss.weighting.total(terms)
            latest.update({name: term.detach() for name, term in terms.items()}, total=total.detach())
            if not needs_graph:
                optimizer.zero_grad()
                self.manual_backward(total)
            return total

        optimizer.step(closure)
        self._advance_schedule()
        self.log("train/loss", latest.pop("total"), prog_bar=True, batch_size=1)
        self.log_dict({f"train/{name}": term for name, term in latest.items()}, batch_size=1)
        self.log("train/lr", optimizer.param_groups[0]["lr"], batch_size=1)
        self.log_dict({f"train/{name}": number for name, number in self.loss.residual.after_step().items()}, batch_size=1)
        if weights is not None:
            self.log("train/effective_sample_size", effective_sample_size(weights), batch_size=1)

    def validation_step(self, batch: EvaluationPoints, batch_idx: int) -> dict[str, Tensor]:
        """Scores against the exact solution."""
        scores = self.problem.scores(self.network, batch.to(self.device, self.dtype))  # pyright: ignore[reportArgumentType]
        self.log_dict({f"val/{name}": value for name, value in scores.items()}, prog_bar=True, batch_size=1)
        return scores

    def configure_optimizers(self) -> Any:
        """The optimiser, and its schedule over the steps of the whole training."""
        optimizer = self.make_optimizer(self.network.parameters())
        if self.make_schedule is None or getattr(optimizer, "has_schedules", False):
            return optimizer
        schedule = self.make_schedule(optimizer, total_steps=int(self.trainer.estimated_stepping_batches))
        return {"optimizer": optimizer, "lr_scheduler": schedule}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Store the recipe, plain containers only."""
        checkpoint["recipe"] = self.recipe

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Refuse a checkpoint of another recipe before any weight is used."""
        check_recipe(self.recipe, checkpoint.get("recipe", self.recipe))

    def _placed(self, x: Tensor) -> Tensor:
        """On the device and in the precision of the network."""
        return x.to(self.device, cast("torch.dtype", self.dtype))

    def _weighted_points(self, step: int) -> tuple[Tensor, Tensor | None]:
        x = self.draw(step)
        return x, self.points.sampler.weights(x, self.problem.domain)

    def _terms_at(self, x: Tensor, weights: Tensor | None, step: int) -> dict[str, Tensor]:
        return self.loss.terms(self.problem, self.network, x, self._generator("directions", step), weights)

    def _adapt_points(self, step: int) -> None:
        sampler = self.points.sampler
        if sampler.every and step % sampler.every == 0:
            sampler.adapt(self.residual_size, self.problem.domain, self._generator("adapt", step))

    def _balance(self, step: int) -> None:
        weighting = self.loss.weighting
        if weighting.every and step % weighting.every == 0:
            weighting.update(self.terms(step), list(self.network.parameters()), residuals=lambda: self.residuals(step), step=step)

    def _advance_schedule(self) -> None:
        schedule: Any = self.lr_schedulers()
        if schedule is not None:
            schedule.step()

    def _generator(self, use: str, step: int) -> torch.Generator:
        words = [self.seed, step, *use.encode()]
        return torch.Generator().manual_seed(int(np.random.SeedSequence(words).generate_state(1)[0]))
