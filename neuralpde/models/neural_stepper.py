"""A backbone turned into a time stepper."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Protocol

import torch
from torch import Tensor, nn
from typing_extensions import override

from neuralpde.graphs import Graph
from neuralpde.grids import Grid, PointSet
from neuralpde.models.conditions import Backbone, Conditions
from neuralpde.rollout import WindowStepper

__all__ = ["BoundStepper", "Difference", "Direct", "Increments", "NeuralStepper", "Output"]


class Output(Protocol):
    """How a network's output becomes frames; ``output`` is ``(batch, horizon, channel, *space)``."""

    def __call__(self, last: Tensor, output: Tensor, dt: float) -> Tensor:
        """Frames from the last given frame ``(batch, 1, channel, *space)`` and the raw output."""
        ...

    def encode(self, last: Tensor, frames: Tensor, dt: float) -> Tensor:
        """The output that gives ``frames``."""
        ...


class Direct(Output):
    """The output is the frame: u_{k+l} = d_l."""

    @override
    def __call__(self, last: Tensor, output: Tensor, dt: float) -> Tensor:
        del last, dt
        return output

    @override
    def encode(self, last: Tensor, frames: Tensor, dt: float) -> Tensor:
        del last, dt
        return frames


class Difference(Output):
    """The output is the scaled change: u_{k+l} = u_k + scale · d_l."""

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale

    @override
    def __call__(self, last: Tensor, output: Tensor, dt: float) -> Tensor:
        del dt
        return last + self.scale * output

    @override
    def encode(self, last: Tensor, frames: Tensor, dt: float) -> Tensor:
        del dt
        return (frames - last) / self.scale


class Increments(Output):
    """The output is a mean rate of change: u_{k+l} = u_k + scale · l Δt d_l (Brandstetter, Worrall & Welling 2022, section 3.2).

    Args:
        scale: rate of change that an output of one stands for; a few times the typical rate trains fastest, one is the original.
    """

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale

    @override
    def __call__(self, last: Tensor, output: Tensor, dt: float) -> Tensor:
        return last + self._spans(output, dt) * output

    @override
    def encode(self, last: Tensor, frames: Tensor, dt: float) -> Tensor:
        return (frames - last) / self._spans(frames, dt)

    def _spans(self, frames: Tensor, dt: float) -> Tensor:
        steps = torch.arange(1, frames.shape[1] + 1, device=frames.device, dtype=frames.dtype)
        return self.scale * dt * steps.view(1, -1, *(1,) * (frames.ndim - 2))


class NeuralStepper(nn.Module):
    """Frames → frames: a backbone, the form of its output, and the scales it was trained with.

    Args:
        backbone: the network.
        channels: fields per frame.
        history: frames read.
        horizon: frames returned (temporal bundling).
        dt: time between frames.
        time_scale: time that maps to one, normally the end of the training trajectories.
        coefficient_scale: one positive scale per coefficient; empty if the network is told none.
        output: form of the output.
        graph: builds the graph of a domain, for backbones that need one.

    Raises:
        ValueError: the backbone needs a graph and no builder was given.
    """

    coefficient_scale: Tensor
    tells_level: ClassVar[bool] = False
    """Whether the backbone is told the index of a refinement step."""

    def __init__(
        self,
        backbone: Backbone,
        *,
        channels: int,
        history: int,
        horizon: int,
        dt: float,
        time_scale: float,
        coefficient_scale: tuple[float, ...] = (),
        output: Output | None = None,
        graph: Callable[[Grid | PointSet], Graph] | None = None,
    ) -> None:
        super().__init__()
        if backbone.needs_graph and graph is None:
            name = type(backbone).__name__
            raise ValueError(f"NeuralStepper: {name} needs a graph builder, got none; give graph=PeriodicNeighbours(3) or another builder.")
        self.backbone = backbone
        self.channels, self.history, self.horizon = channels, history, horizon
        self.dt, self.time_scale = dt, time_scale
        self.output = output or Difference()
        self.graph = graph
        self.register_buffer("coefficient_scale", torch.as_tensor(coefficient_scale, dtype=torch.float32), persistent=False)

    @staticmethod
    def frames_seen(history: int, horizon: int) -> int:
        """Frames that enter the backbone in one call."""
        del horizon
        return history

    def build_graph(self, domain: Grid | PointSet) -> Graph | None:
        """The graph of ``domain``, or None for backbones that work on grids."""
        return self.graph(domain) if self.graph is not None and self.backbone.needs_graph else None

    def conditions(self, time: Tensor, coefficients: Tensor, domain: Grid | PointSet, graph: Graph | None = None) -> Conditions:
        """Scaled circumstances from physical ones: time ``(batch,)`` of the last given frame, coefficients ``(batch, num)``."""
        if coefficients.shape[-1] != self.coefficient_scale.numel():
            raise ValueError(
                f"NeuralStepper: trained with {len(self.coefficient_scale)} coefficients, got {coefficients.shape[-1]}; name the same ones in the data config."
            )
        return Conditions((time + self.dt) / self.time_scale, coefficients / self.coefficient_scale, domain, graph)

    def forward(self, window: Tensor, conditions: Conditions) -> Tensor:
        """The next ``horizon`` frames.

        Shape: ``(batch, history, channel, *space)`` → ``(batch, horizon, channel, *space)``.
        """
        self._check_window(window)
        output = self.backbone(window.flatten(1, 2), conditions)
        return self.output(window[:, -1:], output.unflatten(1, (self.horizon, self.channels)), self.dt)

    def _check_window(self, window: Tensor) -> None:
        if window.shape[1:3] != (self.history, self.channels):
            raise ValueError(
                f"{type(self).__name__}: expected {self.history} frames of {self.channels} channels, got {window.shape[1]} frames of {window.shape[2]}; "
                "check the data config's fields and history."
            )

    def bind(self, domain: Grid | PointSet, coefficients: Tensor) -> BoundStepper:
        """The network as a :class:`~neuralpde.rollout.Stepper` for given trajectories, coefficients ``(batch, num)``."""
        return BoundStepper(self, domain, coefficients)


class BoundStepper(WindowStepper):
    """A :class:`NeuralStepper` on one domain, with the coefficients of one batch; runs in evaluation mode without gradients."""

    def __init__(self, model: NeuralStepper, domain: Grid | PointSet, coefficients: Tensor) -> None:
        self.model, self.grid, self.coefficients = model, domain, coefficients
        self.dt, self.history, self.horizon = model.dt, model.history, model.horizon
        self.graph = model.build_graph(domain)

    @torch.no_grad()
    def advance(self, window: Tensor, t: float = 0.0) -> Tensor:
        """See :meth:`neuralpde.rollout.Stepper.advance`."""
        self.model.eval()
        return self.model(window, self._conditions(window, t))

    def _conditions(self, window: Tensor, t: float) -> Conditions:
        time = torch.full((window.shape[0],), t, device=window.device, dtype=window.dtype)
        return self.model.conditions(time, self.coefficients.to(window), self.grid, self.graph)
