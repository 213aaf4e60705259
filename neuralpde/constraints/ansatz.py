"""What a network's output is multiplied with and added to, so that data are met exactly by construction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.constraints.space_time import SpaceTime

__all__ = ["Ansatz", "ExactEnds", "ExactInitial", "Free"]


class Ansatz(Protocol):
    """Turns raw outputs into basis fields and a fixed field: u = offset + Σ wₙ basisₙ."""

    def __call__(self, raw: Tensor, initial: Tensor, domain: SpaceTime) -> tuple[Tensor, Tensor | None]:
        """Basis and offset.

        Args:
            raw: outputs of the network, ``(batch, basis, time, channel, *space)``.
            initial: initial state, ``(batch, channel, *space)``.
            domain: times and grid.

        Returns:
            Fields of the shape of ``raw``, and ``(batch, time, channel, *space)`` or None.
        """
        ...


class Free(Ansatz):
    """The outputs are the basis; data are met by rows or penalties."""

    @override
    def __call__(self, raw: Tensor, initial: Tensor, domain: SpaceTime) -> tuple[Tensor, Tensor | None]:
        del initial, domain
        return raw, None


@dataclass(frozen=True)
class ExactInitial(Ansatz):
    r"""u = u₀ + Σ wₙ scale (t − t₀)/time_scale · bₙ: the first frame is the initial state whatever the weights.

    Args:
        time_scale: time after which the factor is ``scale``; a constant of the model, so that longer trajectories extrapolate.
        scale: size of the factor.
        zero_mean: remove the mean over space of every basis field, for a state whose mean is conserved.
    """

    time_scale: float
    scale: float = 1.0
    zero_mean: bool = False

    @override
    def __call__(self, raw: Tensor, initial: Tensor, domain: SpaceTime) -> tuple[Tensor, Tensor | None]:
        ndim = domain.grid.ndim
        if self.zero_mean:
            raw = raw - raw.mean(dim=tuple(range(-ndim, 0)), keepdim=True)
        elapsed = (domain.times - domain.times[0]).to(raw) * (self.scale / self.time_scale)
        return raw * elapsed.view(-1, 1, *(1,) * ndim), initial.unsqueeze(1).expand(-1, domain.shape[0], *(-1,) * (ndim + 1))


@dataclass(frozen=True)
class ExactEnds(Ansatz):
    r"""u = g + Σ wₙ s(1 − s) bₙ on an interval, s ∈ [0, 1]: Dirichlet values at both ends of one axis whatever the weights.

    g interpolates linearly between the values.

    Args:
        lower: value at the lower end.
        upper: value at the upper end.
        axis: space axis.

    Limits: values constant in time, the same for every channel; an initial state that contradicts them is not met there.
    """

    lower: float = 0.0
    upper: float = 0.0
    axis: int = 0

    @override
    def __call__(self, raw: Tensor, initial: Tensor, domain: SpaceTime) -> tuple[Tensor, Tensor | None]:
        grid = domain.grid
        shape = [1] * grid.ndim
        shape[self.axis] = -1
        s = ((grid.coordinates(self.axis) - grid.lower[self.axis]) / grid.lengths[self.axis]).to(raw).view(shape)
        between = self.lower + (self.upper - self.lower) * s
        return raw * (4 * s * (1 - s)), torch.broadcast_to(between, (*raw.shape[:1], *raw.shape[2:]))
