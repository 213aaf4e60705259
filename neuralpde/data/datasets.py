"""Torch data sets whose items are whole batches."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.utils.data import Dataset

from neuralpde.data.sampling import Pick
from neuralpde.data.sources import FrameSource
from neuralpde.data.windows import Trajectories, Window

__all__ = ["TrajectoryDataset", "WindowDataset"]


class WindowDataset(Dataset[Window]):
    """Windows of a split; indexed by the picks of a :class:`~neuralpde.data.sampling.WindowBatches`.

    Args:
        source: frames of the split.
        times: time of every frame, ``(num_frames,)``.
        coefficients: conditioning coefficients, ``(num_trajectories, num_coefficients)``.
        history: frames given.
        future: frames to predict.
        stride: stored frames between two frames of a window; every phase occurs among the windows.
    """

    def __init__(self, source: FrameSource, times: Tensor, coefficients: Tensor, *, history: int, future: int, stride: int = 1) -> None:
        self.source, self.times, self.coefficients = source, times.float(), coefficients
        self.history, self.future, self.stride = history, future, stride

    def __len__(self) -> int:
        return len(self.source.indices)

    @property
    def num_starts(self) -> int:
        """Number of admissible first frames; below 1 if a window does not fit."""
        return len(self.times) - (self.history + self.future - 1) * self.stride

    def __getitem__(self, pick: Pick) -> Window:
        frames = self.source.window(pick.positions, pick.starts, self.history + self.future, self.stride)
        return Window(frames, self.times[pick.starts + (self.history - 1) * self.stride], self.coefficients[pick.positions])


class TrajectoryDataset(Dataset[Trajectories]):
    """Whole trajectories of a split; indexed by the picks of a :class:`~neuralpde.data.sampling.TrajectoryBatches`.

    Args:
        source: frames of the split.
        times: time of every frame, ``(num_frames,)``.
        coefficients: conditioning coefficients, ``(num_trajectories, num_coefficients)``.
    """

    def __init__(self, source: FrameSource, times: Tensor, coefficients: Tensor) -> None:
        self.source, self.times, self.coefficients = source, times.float(), coefficients

    def __len__(self) -> int:
        return len(self.source.indices)

    def __getitem__(self, pick: Pick) -> Trajectories:
        frames = self.source.window(pick.positions, torch.zeros_like(pick.positions), len(self.times))
        return Trajectories(frames, self.times, self.coefficients[pick.positions], self.source.indices[pick.positions])
