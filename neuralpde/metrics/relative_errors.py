"""Errors relative to the size or to the variation of the reference, frame by frame."""

from __future__ import annotations

from torch import Tensor

from neuralpde.metrics.quadrature import check_pair, space_axes, space_mean

__all__ = ["nrmse", "relative_l2", "vrmse"]


def nrmse(pred: Tensor, ref: Tensor, *, weights: Tensor | None = None, eps: float = 0.0) -> Tensor:
    r"""Normalised error of every frame, √( ⟨(p − q)²⟩ / (⟨q²⟩ + eps) ) over space, then the mean over channels.

    The divisor is the root mean **square** of the reference, not its standard deviation. ``eps=0`` is the definition of Takamoto et
    al., PDEBench (2022); ``eps=1e-7`` that of Ohana et al., The Well (2024).

    Args:
        pred: predicted trajectories p.
        ref: reference trajectories q.
        weights: quadrature weights ``(*space)``; None weighs all nodes alike.
        eps: floor of the divisor, in squared units of the field.

    Shape: ``(batch, time, channel, *space)`` twice → ``(batch, time)``.

    Limits: infinite or NaN where the reference vanishes and eps is zero, and it stays visible.
    """
    check_pair("nrmse", pred, ref)
    return (space_mean((pred - ref).square(), weights) / (space_mean(ref.square(), weights) + eps)).sqrt().mean(dim=-1)


def relative_l2(pred: Tensor, ref: Tensor, *, weights: Tensor | None = None) -> Tensor:
    r"""Relative L² error of every frame, ‖p − q‖₂ / ‖q‖₂ over channels and space together.

    Args:
        pred: predicted trajectories p.
        ref: reference trajectories q.
        weights: quadrature weights ``(*space)``; None weighs all nodes alike.

    Shape: ``(batch, time, channel, *space)`` twice → ``(batch, time)``.

    Limits: NaN where ‖q‖ = 0. For a decaying solution it grows even if the absolute error does not. A small channel beside a large
    one is not seen; :func:`nrmse` divides channel by channel.
    """
    check_pair("relative_l2", pred, ref)
    return (space_mean((pred - ref).square(), weights).sum(dim=-1) / space_mean(ref.square(), weights).sum(dim=-1)).sqrt()


def vrmse(pred: Tensor, ref: Tensor, *, weights: Tensor | None = None, eps: float = 1e-7) -> Tensor:
    r"""Variance-scaled error of every frame, √( ⟨(p − q)²⟩ / (var(q) + eps) ), then the mean over channels.

    The variance has the unbiased divisor S − 1, so that predicting the spatial mean scores √((S − 1)/S), about one.

    Args:
        pred: predicted trajectories p.
        ref: reference trajectories q.
        weights: quadrature weights ``(*space)``; None weighs all nodes alike.
        eps: floor of the divisor, in squared units of the field.

    Shape: ``(batch, time, channel, *space)`` twice → ``(batch, time)``.

    Limits: eps rules wherever the reference is nearly constant, so normalised and raw fields score differently there.

    Reference: Ohana et al., The Well (2024), section 5.
    """
    check_pair("vrmse", pred, ref)
    mean = space_mean(ref, weights)
    deviation = ref - mean.reshape(*mean.shape, *(1,) * len(space_axes(ref)))
    num_points = ref[0, 0, 0].numel()
    variance = space_mean(deviation.square(), weights) * num_points / (num_points - 1)
    return (space_mean((pred - ref).square(), weights) / (variance + eps)).sqrt().mean(dim=-1)
