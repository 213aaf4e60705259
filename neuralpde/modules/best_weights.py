"""Which checkpoint a run ends with."""

from __future__ import annotations

from pathlib import Path

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint

from neuralpde.modules.checkpoint_io import AtomicCheckpointIO

__all__ = ["checkpoint_file", "load_best"]


def load_best(module: LightningModule, trainer: Trainer) -> None:
    """Load the best checkpoint of ``trainer`` into ``module``, or the last one if none was chosen; without checkpoints the weights stay.

    The module moves to the trainer's device, since a fit leaves it on the CPU.
    """
    path = checkpoint_file(trainer, best=True)
    if path is not None:
        module.load_state_dict(AtomicCheckpointIO().load_checkpoint(path)["state_dict"])
    module.to(trainer.strategy.root_device)


def checkpoint_file(trainer: Trainer, *, best: bool) -> str | None:
    """The checkpoint of ``trainer`` that was chosen by a metric (``best``) or simply the newest, else the other, else None."""
    callbacks = [callback for callback in trainer.checkpoint_callbacks if isinstance(callback, ModelCheckpoint)]
    callbacks.sort(key=lambda callback: (callback.monitor is None) is best)
    paths = [callback.best_model_path for callback in callbacks]
    return next((path for path in paths if path and Path(path).is_file()), None)
