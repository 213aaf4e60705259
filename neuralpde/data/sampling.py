"""Which windows make up which batch: a pure function of seed and epoch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils.data import Dataset, DistributedSampler

__all__ = ["Pick", "TrajectoryBatches", "WindowBatches"]


class Pick(NamedTuple):
    """Positions of trajectories in their split and first frames, both ``(batch,)``."""

    positions: Tensor
    starts: Tensor


class _Batches(DistributedSampler[Pick]):
    """A sampler whose elements are whole batches, shared out over ranks so that all have equally many.

    It is a ``DistributedSampler`` in order that Lightning calls ``set_epoch`` on it, with the number of finished epochs also after a
    resume, and does not wrap it into another one.
    """

    def __init__(self, dataset: Dataset, num_picks: int, *, batch_size: int, seed: int = 0, rank: int = 0, world_size: int = 1) -> None:
        super().__init__(dataset, num_replicas=world_size, rank=rank, seed=seed)
        self.num_picks, self.batch_size = num_picks, batch_size

    def __len__(self) -> int:
        batches = -(-self.num_picks // self.batch_size)
        return -(-batches // self.num_replicas)

    def __iter__(self) -> Iterator[Pick]:
        picks = self.picks()
        batches = -(-self.num_picks // self.batch_size)
        for step in range(len(self)):
            first = (step * self.num_replicas + self.rank) % batches * self.batch_size
            yield Pick(*(values[first : first + self.batch_size] for values in picks))

    def picks(self) -> Pick:
        """All picks of the present epoch in order."""
        raise NotImplementedError


class WindowBatches(_Batches):
    """Random windows: in each pass every trajectory once, in random order, with a start uniform over the valid range.

    Args:
        dataset: the windows' data set.
        num_trajectories: trajectories in the split.
        num_starts: number of admissible first frames.
        batch_size: windows per batch; the last batch of an epoch may be smaller.
        passes: passes over the trajectories per epoch.
        seed: seed of the order and of the starts.
        rank: number of this process.
        world_size: number of processes.

    Raises:
        ValueError: trajectories shorter than a window.
    """

    def __init__(
        self, dataset: Dataset, num_trajectories: int, *, num_starts: int, batch_size: int, passes: int = 1, seed: int = 0, rank: int = 0, world_size: int = 1
    ) -> None:
        if num_starts < 1:
            raise ValueError(
                f"WindowBatches: a window needs to fit into a trajectory, got one that is {1 - num_starts} frames longer; lower history or future."
            )
        super().__init__(dataset, num_trajectories * passes, batch_size=batch_size, seed=seed, rank=rank, world_size=world_size)
        self.num_trajectories, self.num_starts, self.passes = num_trajectories, num_starts, passes

    def picks(self) -> Pick:
        """See the class."""
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        orders = [torch.randperm(self.num_trajectories, generator=generator) for _ in range(self.passes)]
        return Pick(torch.cat(orders), torch.randint(self.num_starts, (self.num_picks,), generator=generator))


class TrajectoryBatches(_Batches):
    """Whole trajectories in the order of the file.

    Limits: over several ranks the last batches may repeat the first ones, as usual with distributed samplers; score on one process.
    """

    def picks(self) -> Pick:
        """See the class."""
        return Pick(torch.arange(self.num_picks), torch.zeros(self.num_picks, dtype=torch.int64))
