"""The Lightning module of networks that return whole trajectories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from neuralpde.data import Window
from neuralpde.modules.forecast import Forecast

if TYPE_CHECKING:
    from neuralpde.data import Trajectories

__all__ = ["OperatorTraining"]


class OperatorTraining(Forecast):
    """Training of a :class:`~neuralpde.constraints.ConstrainedOperator`; everything but the validation is that of :class:`Forecast`.

    Validation logs ``val/loss``, the objective at points drawn anew but the same every time, and ``val/relative_l2``, the relative error of whole
    trajectories. Choose weights by the former where the training is to see no solution.
    """

    def validation_step(self, batch: Trajectories, batch_idx: int) -> Tensor:
        """Relative L² error of every trajectory, ``(batch,)``."""
        frames = batch.frames[:, : self.stepper.horizon + 1]
        window = Window(frames, batch.times[:1].expand(len(frames)), batch.coefficients)
        generator = torch.Generator().manual_seed(self.seed)
        loss = self.objective(self.stepper, window, domain=self.domain, graph=self.graph, epoch=self.current_epoch, generator=generator)
        pred = self.stepper.bind(self.domain, batch.coefficients).advance(frames[:, :1], float(batch.times[0]))
        error = (pred - frames[:, 1:]).flatten(1).norm(dim=1) / frames[:, 1:].flatten(1).norm(dim=1)
        self.log("val/loss", loss, batch_size=len(error), sync_dist=True)
        self.log("val/relative_l2", error.mean(), prog_bar=True, batch_size=len(error), sync_dist=True)
        return error
