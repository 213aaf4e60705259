"""Back to the best weights after a fit."""

from __future__ import annotations

from pathlib import Path

from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import ModelCheckpoint

from neuralpde.modules.checkpoint_io import AtomicCheckpointIO
from neuralpde.modules.forecast import Forecast

__all__ = ["load_best"]


def load_best(module: Forecast, trainer: Trainer) -> None:
    """Load the best checkpoint of ``trainer`` into ``module``, or the last one if none was chosen; without checkpoints the weights stay.

    The module moves to the trainer's device, since a fit leaves it on the CPU.
    """
    for callback in trainer.checkpoint_callbacks:
        if isinstance(callback, ModelCheckpoint):
            paths = [path for path in (callback.best_model_path, callback.last_model_path) if path and Path(path).is_file()]
            if paths:
                module.load_state_dict(AtomicCheckpointIO().load_checkpoint(paths[0])["state_dict"])
                break
    module.to(trainer.strategy.root_device)
