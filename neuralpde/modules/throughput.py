"""How fast the training runs."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

__all__ = ["Throughput"]


class Throughput(Callback):
    """Logs ``train/steps_per_second`` and ``train/samples_per_second`` over the last steps; validation and checkpoints do not count.

    Args:
        window: steps averaged over, at least one.
        clock: seconds since some origin.

    Raises:
        ValueError: an empty window.

    Limits: on an accelerator the queue of unfinished work counts as done; over many steps the rates agree.
    """

    def __init__(self, window: int = 50, clock: Any = time.perf_counter) -> None:
        if window < 1:
            raise ValueError(f"Throughput: window needs at least 1 step, got {window}; give the number of steps to average over.")
        self._marks: deque[float] = deque(maxlen=window + 1)
        self._clock = clock

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock."""
        self._restart()

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock again: a validation inside an epoch is no training."""
        self._restart()

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Log the rates."""
        self._marks.append(self._clock())
        steps = len(self._marks) - 1
        rate = steps / (self._marks[-1] - self._marks[0])
        pl_module.log("train/steps_per_second", rate)
        pl_module.log("train/samples_per_second", rate * len(batch.frames) * trainer.world_size)

    def _restart(self) -> None:
        self._marks.clear()
        self._marks.append(self._clock())
