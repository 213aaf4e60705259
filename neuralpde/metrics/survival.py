"""Survival time: how long a rollout stays within a tenth of the solution."""

from __future__ import annotations

from torch import Tensor

from neuralpde.metrics.correlation_time import CrossingTime, first_failure
from neuralpde.metrics.quadrature import check_pair, space_axes, space_mean

__all__ = ["max_normalised_l1", "survival_time"]


def max_normalised_l1(pred: Tensor, ref: Tensor, *, weights: Tensor | None = None) -> Tensor:
    r"""Max-normalised L¹ error of every frame, ⟨|p − q|⟩ / maxₛ |q|, then the mean over channels.

    Args:
        pred: predicted trajectories p.
        ref: reference trajectories q.
        weights: quadrature weights ``(*space)``; None weighs all nodes alike.

    Shape: ``(batch, time, channel, *space)`` twice → ``(batch, time)``.

    Limits: NaN or infinite where the reference vanishes.
    """
    check_pair("max_normalised_l1", pred, ref)
    return (space_mean((pred - ref).abs(), weights) / ref.abs().amax(dim=space_axes(ref))).mean(dim=-1)


def survival_time(pred: Tensor, ref: Tensor, *, dt: float | Tensor, threshold: float = 0.1, weights: Tensor | None = None) -> CrossingTime:
    r"""Time until the max-normalised L¹ error first exceeds the threshold,  Δt · K with K the frames before it.

    Args:
        pred: predicted trajectories.
        ref: reference trajectories.
        dt: time between frames, one number or one for each trajectory, ``(batch,)``.
        threshold: largest error that counts as alive.
        weights: quadrature weights ``(*space)``; None weighs all nodes alike.

    Shape: ``(batch, time, channel, *space)`` twice → three times ``(batch,)``.

    Limits: right-censored at the end of the rollout; a NaN error counts as dead.

    Reference: Brandstetter, Worrall & Welling, Message Passing Neural PDE Solvers (2022), section 4.2.
    """
    error = max_normalised_l1(pred, ref, weights=weights)
    frames = first_failure(error <= threshold)
    return CrossingTime(frames * dt, frames == error.shape[-1], error.isnan().any(dim=-1))
