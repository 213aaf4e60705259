"""Absolute errors, in the units of the field or their square."""

from __future__ import annotations

from torch import Tensor

from neuralpde.metrics.quadrature import check_pair, space_axes, space_mean

__all__ = ["accumulated_error", "max_error", "mean_squared_error", "rmse"]


def mean_squared_error(pred: Tensor, ref: Tensor, *, weights: Tensor | None = None) -> Tensor:
    r"""Mean squared error of every frame, ⟨(p − q)²⟩ over space and channels.

    Args:
        pred: predicted trajectories p.
        ref: reference trajectories q on the same nodes and frames.
        weights: quadrature weights ``(*space)``; None weighs all nodes alike.

    Shape: ``(batch, time, channel, *space)`` twice → ``(batch, time)``.

    Limits: channels of different size are not balanced; normalise first or use a relative error.
    """
    check_pair("mean_squared_error", pred, ref)
    return space_mean((pred - ref).square(), weights).mean(dim=-1)


def accumulated_error(pred: Tensor, ref: Tensor) -> Tensor:
    r"""Accumulated error of every trajectory,  Σₜ (1/S) Σₛ (p − q)².

    It is neither divided by the size of the signal nor by the number of frames, and every node counts the same, on non-uniform grids
    too: so the published tables do it. With several channels the mean over channels is taken, the same number for one channel.

    Args:
        pred: predicted trajectories, the frames to be scored only.
        ref: reference trajectories on the same nodes and frames.

    Shape: ``(batch, time, channel, *space)`` twice → ``(batch,)``.

    Limits: numbers compare only at equal time step and equal number of scored frames.

    Reference: Brandstetter, Worrall & Welling, Message Passing Neural PDE Solvers (2022), section 4.
    """
    check_pair("accumulated_error", pred, ref)
    return mean_squared_error(pred, ref).sum(dim=-1)


def rmse(pred: Tensor, ref: Tensor, *, weights: Tensor | None = None) -> Tensor:
    r"""Root mean squared error of every frame, √⟨(p − q)²⟩ over space, then the mean over channels.

    Args:
        pred: predicted trajectories p.
        ref: reference trajectories q.
        weights: quadrature weights ``(*space)``; None weighs all nodes alike.

    Shape: ``(batch, time, channel, *space)`` twice → ``(batch, time)``.

    Limits: the mean of roots over channels is smaller than the root of :func:`mean_squared_error`; the two agree for one channel.
    """
    check_pair("rmse", pred, ref)
    return space_mean((pred - ref).square(), weights).sqrt().mean(dim=-1)


def max_error(pred: Tensor, ref: Tensor) -> Tensor:
    r"""Largest error of every frame, maxₛ |p − q|, then the mean over channels.

    Args:
        pred: predicted trajectories p.
        ref: reference trajectories q.

    Shape: ``(batch, time, channel, *space)`` twice → ``(batch, time)``.

    Limits: one node at a shock decides it.
    """
    check_pair("max_error", pred, ref)
    return (pred - ref).abs().amax(dim=space_axes(pred)).mean(dim=-1)
