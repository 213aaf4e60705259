"""Epochs without a data set: numbers of steps to train on, points to be scored at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lightning.pytorch import LightningDataModule

from neuralpde.problems import EvaluationPoints, Problem

__all__ = ["CollocationSteps"]


class CollocationSteps(LightningDataModule):
    """An epoch is a number of steps; after each, the network is scored at the same points.

    Args:
        problem: gives the evaluation points.
        steps_per_epoch: steps between two scorings, which is also how often checkpoints are written.
        num_evaluation_points: points of the score; 20,000 in the published runs. In very many dimensions they are drawn anew for every scoring, block by block.
        seed: of the evaluation points, apart from the seed of the training.
    """

    def __init__(self, problem: Problem, *, steps_per_epoch: int = 1000, num_evaluation_points: int = 20_000, seed: int = 12_345) -> None:
        super().__init__()
        self.steps_per_epoch = steps_per_epoch
        self.points = EvaluationPoints(problem, num_evaluation_points, seed)

    def train_dataloader(self) -> Any:
        """Numbers; the training module draws the points of a step itself."""
        return range(self.steps_per_epoch)

    def val_dataloader(self) -> Any:
        """One batch, the evaluation points: their scores are those of all blocks together."""
        return _OneBatch(self.points)


class _OneBatch:
    """A loader; Lightning would take a list for several loaders, and an iterable for a batch per block."""

    def __init__(self, batch: EvaluationPoints) -> None:
        self.batch = batch

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[EvaluationPoints]:
        yield self.batch
