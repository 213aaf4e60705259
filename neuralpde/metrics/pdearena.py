"""The two losses by which PDEArena reports its models."""

from __future__ import annotations

from torch import Tensor

from neuralpde.metrics.quadrature import check_pair, space_axes

__all__ = ["scaled_l2", "summed_mse"]


def scaled_l2(pred: Tensor, ref: Tensor) -> Tensor:
    r"""‖p − q‖₂ / ‖q‖₂ over time, channels and space of every trajectory together.

    Args:
        pred: predicted trajectories.
        ref: reference trajectories.

    Shape: ``(batch, time, channel, *space)`` twice → ``(batch,)``.

    Limits: NaN where the reference vanishes. Late frames of a growing solution dominate.

    Reference: Gupta & Brandstetter, Towards Multi-spatiotemporal-scale Generalized PDE Modeling (2022).
    """
    check_pair("scaled_l2", pred, ref)
    return (pred - ref).flatten(1).norm(dim=1) / ref.flatten(1).norm(dim=1)


def summed_mse(pred: Tensor, ref: Tensor) -> Tensor:
    r"""Σₜ Σ_c ⟨(p − q)²⟩ of every trajectory: mean over space, **sum** over time and channels.

    Args:
        pred: predicted trajectories.
        ref: reference trajectories.

    Shape: ``(batch, time, channel, *space)`` twice → ``(batch,)``.

    Limits: for several channels it is that many times :func:`~neuralpde.metrics.accumulated_error`.

    Reference: as :func:`scaled_l2`.
    """
    check_pair("summed_mse", pred, ref)
    return (pred - ref).square().mean(dim=space_axes(pred)).sum(dim=(1, 2))
