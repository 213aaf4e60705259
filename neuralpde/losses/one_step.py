"""One call of the model, compared with the frames that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from neuralpde.losses.norms import Norm
from neuralpde.losses.objective import Model, Objective, Window, predict

if TYPE_CHECKING:
    from neuralpde.graphs import Graph
    from neuralpde.grids import Grid, PointSet

__all__ = ["OneStep"]


class OneStep(Objective):
    r"""Error of one call from given frames,  loss(f(u_{k−K+1..k}), u_{k+1..k+H}).

    With ``horizon`` 1 this is teacher forcing; with a longer horizon it is temporal bundling.

    Args:
        loss: norm of the error.

    Limits: the model never sees its own errors, so a rollout leaves the training distribution; see :class:`~neuralpde.losses.Pushforward`.
    """

    def __init__(self, loss: Norm) -> None:
        self.loss = loss

    def frames(self, horizon: int) -> int:
        """See the class."""
        return horizon

    def __call__(self, model: Model, window: Window, *, domain: Grid | PointSet, graph: Graph | None, epoch: int, generator: torch.Generator) -> Tensor:
        """See the class."""
        del epoch, generator
        self._check(model, window)
        known, future = window.frames[:, : model.history], window.frames[:, model.history :]
        pred = predict(model, known, window.time, window, domain, graph)
        return self.loss(pred, future[:, : model.horizon])
