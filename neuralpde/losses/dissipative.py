"""Training that pulls states far from the attractor back to it."""

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

__all__ = ["Dissipative"]


class Dissipative(OneStep):
    r"""One-step error plus  w · mean ((f(v) − λ v)/r)²  over random states v outside of the attractor.

    v has a random white direction and a root mean square r uniform on a shell that lies wide of every state of the data; the network is asked to
    shrink it by λ < 1. With a :class:`~neuralpde.losses.Sobolev` loss it is the training of the Markov neural operator.

    Args:
        loss: norm of the error on the data.
        inner: smallest r, in units of the field; several times the root mean square of the data.
        outer: largest r.
        contraction: λ in [0, 1).
        weight: w.

    Raises:
        ValueError: an empty shell or a contraction outside [0, 1).

    Limits: asks nothing between the data and the shell.

    Reference: Li et al., "Learning Dissipative Dynamics in Chaotic Systems", 2022, section 3.
    """

    def __init__(self, loss: Norm, *, inner: float, outer: float, contraction: float = 0.5, weight: float = 1.0) -> None:
        super().__init__(loss)
        if not 0 < inner <= outer or not 0 <= contraction < 1:
            raise ValueError(
                f"Dissipative: needs 0 < inner <= outer and 0 <= contraction < 1, got {inner}, {outer} and {contraction}; correct the objective's config."
            )
        self.inner, self.outer, self.contraction, self.weight = inner, outer, contraction, weight

    @override
    def __call__(self, model: Model, window: Window, *, domain: Grid | PointSet, graph: Graph | None, epoch: int, generator: torch.Generator) -> Tensor:
        loss = super().__call__(model, window, domain=domain, graph=graph, epoch=epoch, generator=generator)
        given = window.frames[:, : model.history]
        far, size = self._far_states(given[:, :1], generator)
        pred = predict(model, far.expand_as(given), window.time, window, domain, graph)
        return loss + self.weight * ((pred - self.contraction * far) / size).square().mean()

    def _far_states(self, like: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """States on the shell and their root mean squares, one time step each."""
        direction = torch.randn(like.shape, generator=generator, dtype=like.dtype)
        size = self.inner + (self.outer - self.inner) * torch.rand(len(like), generator=generator, dtype=like.dtype)
        rms = direction.flatten(1).square().mean(1).sqrt()
        size, rms = (values.view(-1, *(1,) * (like.ndim - 1)).to(like.device) for values in (size, rms))
        return size * direction.to(like.device) / rms, size
