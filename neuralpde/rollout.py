"""Time stepping, written once for classical solvers and trained networks."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor

from neuralpde.grids import Grid, PointSet

__all__ = ["Stepper", "WindowStepper", "rollout"]


class Stepper(ABC):
    """Anything that advances a state in time: a callable state → state.

    Attributes:
        grid: where the state lives.
        dt: time between two frames that it returns.
        history: frames that it reads, the last of them being the present state.
        horizon: frames that one call of :meth:`advance` returns.
    """

    grid: Grid | PointSet
    dt: float
    history: int = 1
    horizon: int = 1

    @abstractmethod
    def __call__(self, u: Tensor, t: float = 0.0) -> Tensor:
        """State at ``t + dt`` from the state ``u`` at ``t``, both ``(batch, channel, *space)``."""

    def advance(self, window: Tensor, t: float = 0.0) -> Tensor:
        """The ``horizon`` frames that follow ``window``, whose last frame is at time ``t``.

        Shape: ``(batch, history, channel, *space)`` → ``(batch, horizon, channel, *space)``.
        """
        return self(window[:, -1], t).unsqueeze(1)


class WindowStepper(Stepper):
    """A stepper that reads or returns several frames at once; implements :meth:`advance` instead of the single step."""

    def __call__(self, u: Tensor, t: float = 0.0) -> Tensor:
        """One step; only for ``history`` 1, since a single state says nothing of the past."""
        if self.history != 1:
            raise ValueError(f"{type(self).__name__}: a step needs {self.history} past frames, got one state; call advance or rollout with a window.")
        return self.advance(u.unsqueeze(1), t)[:, 0]

    @abstractmethod
    def advance(self, window: Tensor, t: float = 0.0) -> Tensor:
        """See :meth:`Stepper.advance`."""


def rollout(stepper: Stepper, window: Tensor, num_frames: int, t: float = 0.0) -> Tensor:
    """Trajectory that follows ``window``.

    Args:
        stepper: a classical solver or a trained model.
        window: at least ``stepper.history`` frames; the most recent ones are used.
        num_frames: frames to return; a stepper of longer horizon is cut at the end.
        t: time of the last frame of ``window``.

    Shape: ``(batch, frames, channel, *space)`` → ``(batch, num_frames, channel, *space)``.

    Raises:
        ValueError: the window is shorter than the history.
    """
    if window.shape[1] < stepper.history:
        raise ValueError(
            f"rollout: {type(stepper).__name__} needs {stepper.history} frames, got {window.shape[1]}; start later or train with a shorter history."
        )
    window = window[:, window.shape[1] - stepper.history :]
    blocks, done = [], 0
    while done < num_frames:
        block = stepper.advance(window, t + done * stepper.dt)
        window = torch.cat([window, block], dim=1)[:, -stepper.history :]
        blocks.append(block)
        done += block.shape[1]
    return torch.cat(blocks, dim=1)[:, :num_frames]
