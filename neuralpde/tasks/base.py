"""What a training program needs to know of a kind of training."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from lightning.pytorch import LightningDataModule, LightningModule, Trainer
from rich.console import RenderableType

__all__ = ["Task"]


class Task(Protocol):
    """A kind of training, built from a composed config: what Lightning fits, and what is made of the result.

    Attributes:
        module: what is trained.
        data: what it is trained on.
    """

    module: LightningModule
    data: LightningDataModule

    def check(self, trainer: Trainer) -> None:
        """Refuse combinations of options that cannot work, before anything is computed.

        Raises:
            ValueError: says what does not fit.
        """
        ...

    def finish(self, trainer: Trainer, folder: Path, command: str) -> RenderableType | None:
        """Score and store the best weights; on the first process only.

        Args:
            trainer: after the fit.
            folder: of the run.
            command: the command line, for the record.

        Returns:
            What to show on the terminal, if anything.
        """
        ...
