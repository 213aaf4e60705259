"""The pushforward trick: train on the model's own errors without differentiating through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from neuralpde.losses.norms import Norm
from neuralpde.losses.objective import Model, Objective, Window, predict, slide

if TYPE_CHECKING:
    from neuralpde.graphs import Graph
    from neuralpde.grids import Grid, PointSet

__all__ = ["Pushforward"]


class Pushforward(Objective):
    r"""Error of one call after r calls without gradient,  loss(f(sg[fʳ(u)]), u_ref),  sg = stop gradient.

    r is drawn once per batch, uniformly from {0, …, min(⌊epoch / warmup_epochs⌋, max_unrolls)}: the given frames are replaced by the
    model's predictions r times, time and labels advance by ``horizon`` frames each time, then one call is made with gradient. A window is
    long enough for the largest r; a smaller r starts at a random place in it, so that the ends of trajectories serve as labels as well.

    Args:
        loss: norm of the error.
        max_unrolls: largest r; zero gives :class:`~neuralpde.losses.OneStep`.
        warmup_epochs: epochs until r may grow by one; zero allows the largest r at once.

    Raises:
        ValueError: a negative argument.

    Limits: a model that is still poor is trained on inputs that no trajectory passes; keep the warm-up.

    Reference: Brandstetter, Worrall & Welling, Message Passing Neural PDE Solvers, 2022, section 3.1.
    """

    def __init__(self, loss: Norm, max_unrolls: int = 1, warmup_epochs: int = 1) -> None:
        if min(max_unrolls, warmup_epochs) < 0:
            raise ValueError(
                f"Pushforward: max_unrolls and warmup_epochs need to be at least 0, got {max_unrolls} and {warmup_epochs}; raise the negative one."
            )
        self.loss, self.max_unrolls, self.warmup_epochs = loss, max_unrolls, warmup_epochs

    def frames(self, horizon: int) -> int:
        """See the class."""
        return (self.max_unrolls + 1) * horizon

    def __call__(self, model: Model, window: Window, *, domain: Grid | PointSet, graph: Graph | None, epoch: int, generator: torch.Generator) -> Tensor:
        """See the class."""
        self._check(model, window)
        unrolls = _draw(self._allowed(epoch), generator)
        start = _draw((self.max_unrolls - unrolls) * model.horizon, generator)
        frames, time = window.frames[:, start:], window.time + start * model.dt
        state = frames[:, : model.history]
        with torch.no_grad():
            for _ in range(unrolls):
                state = slide(state, predict(model, state, time, window, domain, graph))
                time = time + model.horizon * model.dt
        _forget_detached_weights()
        labels = frames[:, model.history + unrolls * model.horizon :][:, : model.horizon]
        return self.loss(predict(model, state, time, window, domain, graph), labels)

    def _allowed(self, epoch: int) -> int:
        """Largest r of this epoch."""
        return min(epoch // self.warmup_epochs, self.max_unrolls) if self.warmup_epochs else self.max_unrolls


def _draw(largest: int, generator: torch.Generator) -> int:
    """Uniform integer from {0, …, largest}."""
    return int(torch.randint(largest + 1, (), generator=generator))


def _forget_detached_weights() -> None:
    """Autocast caches weights in half precision; those cached without gradient would cut the graph of the call that follows."""
    if torch.is_autocast_cache_enabled():
        torch.clear_autocast_cache()
