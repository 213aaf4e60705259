"""Callbacks that bring disaster upon a training: a kill, a full disk, a NaN."""

import os
import resource
import signal

from lightning.pytorch import Callback

__all__ = ["FullDiskAt", "KillAt", "NanAt"]


class KillAt(Callback):
    """SIGKILL, which nothing can catch, right after an optimiser step."""

    def __init__(self, step: int) -> None:
        self.step = step

    def on_train_batch_end(self, trainer, *_):
        if trainer.global_step == self.step:
            os.kill(os.getpid(), signal.SIGKILL)


class FullDiskAt(Callback):
    """From an optimiser step on, no file can grow beyond some bytes; the limit is the caller's to lift."""

    def __init__(self, step: int, size: int = 6000) -> None:
        self.step, self.size = step, size

    def on_train_batch_end(self, trainer, *_):
        if trainer.global_step == self.step:
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


class NanAt(Callback):
    """One value of the batch of an optimiser step is not a number."""

    def __init__(self, step: int) -> None:
        self.step = step

    def on_train_batch_start(self, trainer, pl_module, batch, *_):
        if trainer.global_step == self.step:
            batch.frames[0, 0] = float("nan")
