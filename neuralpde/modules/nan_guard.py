"""Stops a diverging training before it spoils the weights."""

from __future__ import annotations

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from torch import Tensor, nn
from torch.optim import Optimizer

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
        raise FloatingPointError(
            f"NanGuard: expected a finite loss and gradient, got loss {self._loss.item():g} and gradient norm {norm.item():g} "
            f"at step {trainer.global_step}, learning rate {optimizer.param_groups[0]['lr']:.3g}; "
            f"lower the learning rate or check the data, and continue from {_last_good(trainer)}."
        )


def _last_good(trainer: Trainer) -> str:
    for callback in trainer.checkpoint_callbacks:
        if isinstance(callback, ModelCheckpoint) and (path := callback.last_model_path or callback.best_model_path):
            return path
    return "the start, since no checkpoint was written yet"
