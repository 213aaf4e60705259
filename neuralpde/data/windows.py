"""What the loaders yield."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

__all__ = ["Trajectories", "Window"]


class Window(NamedTuple):
    """A batch of short pieces of trajectories, for training.

    Attributes:
        frames: history and future frames, ``(batch, history + future, channel, *space)``.
        time: time of the last history frame, ``(batch,)``.
        coefficients: conditioning coefficients in physical units, ``(batch, num_coefficients)``.
    """

    frames: Tensor
    time: Tensor
    coefficients: Tensor


class Trajectories(NamedTuple):
    """A batch of whole trajectories, for validation and test.

    Attributes:
        frames: all frames, ``(batch, time, channel, *space)``.
        times: time of every frame, ``(time,)``.
        coefficients: conditioning coefficients in physical units, ``(batch, num_coefficients)``.
        indices: position of each trajectory in its file, ``(batch,)``.
    """

    frames: Tensor
    times: Tensor
    coefficients: Tensor
    indices: Tensor
