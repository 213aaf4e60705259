"""Basis fields that correct the prediction of a network which was trained without any constraint."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor

from neuralpde.constraints.space_time import SpaceTime
from neuralpde.derivatives.base import Derivatives

__all__ = ["corrections"]


def corrections(frames: Tensor, domain: SpaceTime, space: Derivatives, *, powers: Sequence[int] = (1, 2), order: int = 2) -> Tensor:
    r"""Fields s^p ∂ᵐu/∂xᵐ for the prediction u, time s ∈ [0, 1], p in ``powers`` and all mixed derivatives up to ``order``.

    A rollout errs in amplitude (multiples of u), in phase (a shift is a multiple of uₓ) and in width (multiples of uₓₓ), each growing with time. A
    constraint may weigh such fields as a basis, with the prediction itself as its offset, and needs nothing of the network.

    Args:
        frames: predicted trajectory with the given frame first, ``(batch, time, channel, *space)``.
        domain: times and grid.
        space: provider of derivatives on the grid.
        powers: powers of time, at least 1, so that the given frame stays.
        order: highest derivative.

    Shape: → ``(batch, basis, time, channel, *space)``, each field scaled to the size of u.

    Raises:
        ValueError: a power below 1.
    """
    if min(powers) < 1:
        raise ValueError(f"corrections: powers need to be at least 1, so that the given frame stays, got {tuple(powers)}; leave the others out.")
    ndim = domain.grid.ndim
    fields = []
    for orders in itertools.product(range(order + 1), repeat=ndim):
        if sum(orders) <= order:
            field = frames
            for axis, times in enumerate(orders):
                field = space.dx(field, axis, times) if times else field
            fields.append(field)
    size = frames.square().mean(dim=tuple(range(1, frames.ndim)), keepdim=True).sqrt()
    scaled = [field * size / field.square().mean(dim=tuple(range(1, frames.ndim)), keepdim=True).sqrt().clamp(min=1e-12) for field in fields]
    elapsed = (domain.times - domain.times[0]) / (domain.times[-1] - domain.times[0])
    ramps = [elapsed.to(frames).view(-1, *(1,) * (ndim + 1)) ** power for power in powers]
    return torch.stack([ramp * field for ramp in ramps for field in scaled], dim=1)
