"""Training on disturbed inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.losses.norms import Norm
from neuralpde.losses.objective import Model, Window, predict
from neuralpde.losses.one_step import OneStep

if TYPE_CHECKING:
    from neuralpde.graphs import Graph
    from neuralpde.grids import Grid, PointSet

__all__ = ["NoisyInput"]


class NoisyInput(OneStep):
    r"""Error of one call from given frames with white noise,  loss(f(u_{k−K+1..k} + σ ε), u_{k+1..k+H}).

    The network learns to lead disturbed states back; errors of a rollout are one kind of disturbance.

    Args:
        loss: norm of the error.
        deviation: σ, in units of the field.

    Raises:
        ValueError: a negative deviation.

    Limits: errors of a trained network are not white, see :class:`~neuralpde.losses.Pushforward`; σ limits the accuracy of a single step.

    Reference: Sanchez-Gonzalez et al., "Learning to Simulate Complex Physics with Graph Networks", 2020, section 3.
    """

    def __init__(self, loss: Norm, deviation: float) -> None:
        super().__init__(loss)
        if deviation < 0:
            raise ValueError(f"NoisyInput: deviation needs to be at least 0, got {deviation}; give a standard deviation in units of the field.")
        self.deviation = deviation

    @override
    def __call__(self, model: Model, window: Window, *, domain: Grid | PointSet, graph: Graph | None, epoch: int, generator: torch.Generator) -> Tensor:
        del epoch
        self._check(model, window)
        known, future = window.frames[:, : model.history], window.frames[:, model.history :]
        noise = torch.randn(known.shape, generator=generator, dtype=known.dtype).to(known.device)
        pred = predict(model, known + self.deviation * noise, window.time, window, domain, graph)
        return self.loss(pred, future[:, : model.horizon])
