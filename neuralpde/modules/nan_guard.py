"""Stops a diverging training before it spoils the weights."""

from __future__ import annotations

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor, nn
from torch.optim import Optimizer

from neuralpde.modules.best_weights import checkpoint_file

__all__ = ["NanGuard"]


class NanGuard(Callback):
    """Raises before the optimiser step if the loss or the gradient is not finite; the weights and the checkpoints stay as they were.

    Raises:
        FloatingPointError: names step, loss, gradient norm, learning rate and the last good checkpoint.

    Limits: it waits for the accelerator once per step. Not for ``16-mixed``, whose loss scaling meets infinite gradients in normal use.
    """

    def __init__(self) -> None:
        self._loss = torch.tensor(0.0)

    def on_before_backward(self, trainer: Trainer, pl_module: LightningModule, loss: Tensor) -> None:
        """Remember the loss."""
        self._loss = loss.detach()

    def on_before_optimizer_step(self, trainer: Trainer, pl_module: LightningModule, optimizer: Optimizer) -> None:
        """Check the loss and the norm of the gradient in one go."""
        norm = nn.utils.get_total_norm([p.grad for p in pl_module.parameters() if p.grad is not None])
        if torch.isfinite(self._loss + norm):
            return
        good = checkpoint_file(trainer, best=False) or "the start, since no checkpoint was written yet"
        raise FloatingPointError(
            f"NanGuard: expected a finite loss and gradient, got loss {self._loss.item():g} and gradient norm {norm.item():g} "
            f"at step {trainer.global_step}, learning rate {optimizer.param_groups[0]['lr']:.3g}; "
            f"lower the learning rate or check the data, and continue from {good}."
        )
