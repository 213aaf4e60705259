"""Where the frames of a split come from: memory or disk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import torch
from torch import Tensor

from neuralpde.data.trajectory_file import TrajectoryFile
from neuralpde.data.view import View

__all__ = ["FrameSource", "OnDisk", "Resident"]

_BATCH = 64


class FrameSource(Protocol):
    """Frames of a split by position, 0 to ``num_trajectories − 1``; invalid trajectories are left out."""

    indices: Tensor  # (num_trajectories,) position in the file

    def window(self, positions: Tensor, starts: Tensor, length: int, stride: int = 1) -> Tensor:
        """Pieces of ``length`` frames, every ``stride``-th one from ``starts`` on, ``(batch, length, channel, *space)``."""
        ...

    def batches(self) -> Iterator[Tensor]:
        """All frames, a few trajectories at a time, ``(batch, time, channel, *space)``."""
        ...


class OnDisk:
    """Reads what is asked for; for data larger than memory.

    Args:
        file: the split.
        view: how it is seen.
        indices: which trajectories.
    """

    def __init__(self, file: TrajectoryFile, view: View, indices: Tensor) -> None:
        self.file, self.view, self.indices = file, view, indices

    def window(self, positions: Tensor, starts: Tensor, length: int, stride: int = 1) -> Tensor:
        """See :class:`FrameSource`."""
        rows, span = self.indices[positions], (length - 1) * stride + 1
        if bool((starts == starts[0]).all()):
            return self.view.frames(self.file, rows, int(starts[0]), int(starts[0]) + span)[:, ::stride]
        pieces = [self.view.frames(self.file, rows[i : i + 1], start, start + span)[:, ::stride] for i, start in enumerate(starts.tolist())]
        return torch.cat(pieces)

    def batches(self) -> Iterator[Tensor]:
        """See :class:`FrameSource`."""
        for rows in self.indices.split(_BATCH):
            yield self.view.frames(self.file, rows)


class Resident:
    """Holds all frames as one float32 tensor; a batch of windows is a single gather.

    Args:
        file: the split.
        view: how it is seen; resampling and dropping are done once, here.
        indices: which trajectories.
    """

    def __init__(self, file: TrajectoryFile, view: View, indices: Tensor) -> None:
        self.indices = indices
        parts = OnDisk(file, view, indices).batches()
        first = next(parts)
        self.frames = first.new_empty(len(indices), *first.shape[1:])
        self.frames[: len(first)] = first
        done = len(first)
        for part in parts:
            self.frames[done : done + len(part)] = part
            done += len(part)

    def window(self, positions: Tensor, starts: Tensor, length: int, stride: int = 1) -> Tensor:
        """See :class:`FrameSource`."""
        return self.frames[positions[:, None], starts[:, None] + stride * torch.arange(length)]

    def batches(self) -> Iterator[Tensor]:
        """See :class:`FrameSource`."""
        yield from self.frames.split(_BATCH)
