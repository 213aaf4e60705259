"""What a training strategy is: an objective that sees the model, a window of frames and the state of the training."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor

if TYPE_CHECKING:
    from neuralpde.graphs import Graph
    from neuralpde.grids import Grid, PointSet
    from neuralpde.models.conditions import Conditions

__all__ = ["Model", "Objective", "Window", "predict", "slide"]


class Window(Protocol):
    """A batch of consecutive frames."""

    @property
    def frames(self) -> Tensor:
        """``(batch, history + future, channel, *space)``."""
        ...

    @property
    def time(self) -> Tensor:
        """Time of the last frame of the history, ``(batch,)``."""
        ...

    @property
    def coefficients(self) -> Tensor:
        """Coefficients in physical units, ``(batch, num_coefficients)``."""
        ...


class Model(Protocol):
    """What objectives ask of a network; :class:`~neuralpde.models.NeuralStepper` provides it."""

    history: int
    horizon: int
    dt: float

    def conditions(self, time: Tensor, coefficients: Tensor, domain: Grid | PointSet, graph: Graph | None = None) -> Conditions:
        """Scaled circumstances of a prediction whose last given frame is at ``time``."""
        ...

    def __call__(self, window: Tensor, conditions: Conditions) -> Tensor:
        """``(batch, history, channel, *space)`` → ``(batch, horizon, channel, *space)``."""
        ...


class Objective(ABC):
    """A scalar to minimise. One-step, unrolled and pushforward training are objectives; so are refinement and physics residuals.

    An objective owns everything that a strategy does to the data, the model and the time, so that the training loop is the same for all.
    """

    @abstractmethod
    def frames(self, horizon: int) -> int:
        """Future frames that a window must hold for a model that returns ``horizon`` frames per call."""

    @abstractmethod
    def __call__(self, model: Model, window: Window, *, domain: Grid | PointSet, graph: Graph | None, epoch: int, generator: torch.Generator) -> Tensor:
        """Loss of one batch.

        Args:
            model: the network, in training mode.
            window: ``history + frames(horizon)`` frames, the time of the last history frame and the coefficients.
            domain: where the field lives.
            graph: its graph, for models that need one.
            epoch: finished passes over the data, for strategies with a warm-up.
            generator: source of every random choice (on the CPU), so that a step can be repeated.

        Shape: a scalar.

        Raises:
            ValueError: the window holds too few frames.
        """

    def _check(self, model: Model, window: Window) -> None:
        needed = model.history + self.frames(model.horizon)
        if window.frames.shape[1] < needed:
            name, future = type(self).__name__, self.frames(model.horizon)
            arrived = window.frames.shape[1]
            raise ValueError(
                f"{name}: expected windows of {needed} frames ({model.history} past, {future} future), got {arrived}; set the data's future to {future}."
            )


def predict(model: Model, state: Tensor, time: Tensor, window: Window, domain: Grid | PointSet, graph: Graph | None) -> Tensor:
    """The next ``horizon`` frames after ``state`` ``(batch, history, channel, *space)``, whose last frame is at ``time``."""
    return model(state, model.conditions(time, window.coefficients, domain, graph))


def slide(state: Tensor, frames: Tensor) -> Tensor:
    """The last frames of ``state`` followed by ``frames``, as many as ``state`` has."""
    return torch.cat([state, frames], dim=1)[:, -state.shape[1] :]
