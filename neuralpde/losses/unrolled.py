"""Several calls of the model on its own predictions, differentiated through all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from neuralpde.losses.norms import Norm
from neuralpde.losses.objective import Model, Objective, Window, predict, slide

if TYPE_CHECKING:
    from neuralpde.graphs import Graph
    from neuralpde.grids import Grid, PointSet

__all__ = ["Unrolled"]


class Unrolled(Objective):
    r"""Error of ``num_steps`` consecutive calls, each on the prediction of the one before; gradients flow through the whole chain.

    Args:
        loss: norm of the error over all predicted frames.
        num_steps: calls, at least one; with one it is :class:`~neuralpde.losses.OneStep`.

    Raises:
        ValueError: ``num_steps`` is below one.

    Limits: memory grows linearly with ``num_steps``; for chaotic systems the gradient explodes beyond a few Lyapunov times.
    """

    def __init__(self, loss: Norm, num_steps: int = 2) -> None:
        if num_steps < 1:
            raise ValueError(f"Unrolled: num_steps needs to be at least 1, got {num_steps}; give the number of calls of the model.")
        self.loss, self.num_steps = loss, num_steps

    def frames(self, horizon: int) -> int:
        """See the class."""
        return self.num_steps * horizon

    def __call__(self, model: Model, window: Window, *, domain: Grid | PointSet, graph: Graph | None, epoch: int, generator: torch.Generator) -> Tensor:
        """See the class."""
        del epoch, generator
        self._check(model, window)
        state, predictions = window.frames[:, : model.history], []
        for step in range(self.num_steps):
            pred = predict(model, state, window.time + step * model.horizon * model.dt, window, domain, graph)
            state = slide(state, pred)
            predictions.append(pred)
        future = window.frames[:, model.history : model.history + self.frames(model.horizon)]
        return self.loss(torch.cat(predictions, dim=1), future)
