"""Epochs without a data set: numbers of steps to train on, points to be scored at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lightning.pytorch import LightningDataModule
from torch import Tensor

from neuralpde.problems import Problem

__all__ = ["CollocationSteps"]


class CollocationSteps(LightningDataModule):
    """An epoch is a number of steps; after each, the network is scored at the same points.

    Args:
        problem: gives the evaluation points.
        steps_per_epoch: steps between two scorings, which is also how often checkpoints are written.
        num_evaluation_points: points of the score; 20,000 in the published runs. They are held in memory, coordinates and all.
        seed: of the evaluation points, apart from the seed of the training.
    """

    def __init__(self, problem: Problem, *, steps_per_epoch: int = 1000, num_evaluation_points: int = 20_000, seed: int = 12_345) -> None:
        super().__init__()
        self.steps_per_epoch = steps_per_epoch
        self.points: Tensor = problem.evaluation_points(num_evaluation_points, seed)

    def train_dataloader(self) -> Any:
        """Numbers; the training module draws the points of a step itself."""
        return range(self.steps_per_epoch)

    def val_dataloader(self) -> Any:
        """One batch with all evaluation points."""
        return _OneBatch(self.points)


class _OneBatch:
    """A loader; Lightning would take a list for several loaders, and a tensor for a batch per row."""

    def __init__(self, batch: Tensor) -> None:
        self.batch = batch

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[Tensor]:
        yield self.batch
