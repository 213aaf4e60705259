"""How similar two fields look: correlation coefficients frame by frame."""

from __future__ import annotations

import torch
from torch import Tensor

from neuralpde.metrics.quadrature import CHANNEL_AXIS, check_pair, space_axes, space_mean

__all__ = ["cosine_similarity", "pearson", "pooled_pearson", "the_well_pearson"]


def _centred(u: Tensor, weights: Tensor | None) -> Tensor:
    mean = space_mean(u, weights)
    return u - mean.reshape(*mean.shape, *(1,) * len(space_axes(u)))


def _cosine(p: Tensor, q: Tensor, weights: Tensor | None = None) -> Tensor:
    norms = space_mean(p.square(), weights) * space_mean(q.square(), weights)
    return space_mean(p * q, weights) / norms.sqrt()


def _constant(u: Tensor) -> Tensor:
    return u.amax(dim=space_axes(u)) == u.amin(dim=space_axes(u))


def _pearson_by_channel(pred: Tensor, ref: Tensor, weights: Tensor | None) -> Tensor:
    value = _cosine(_centred(pred, weights), _centred(ref, weights), weights)
    return torch.where(_constant(pred) | _constant(ref), torch.nan, value)


def pearson(pred: Tensor, ref: Tensor, *, weights: Tensor | None = None) -> Tensor:
    r"""Pearson correlation of every frame, cov(p, q) / (σₚ σ_q) over space and channel by channel, then the mean over channels.

    Args:
        pred: predicted trajectories p.
        ref: reference trajectories q.
        weights: quadrature weights ``(*space)``; None weighs all nodes alike.

    Shape: ``(batch, time, channel, *space)`` twice → ``(batch, time)``.

    Limits: a constant field has no correlation and gives NaN, as does a field that is not finite; nothing is clamped. Blind to a wrong
    mean and to a wrong amplitude.
    """
    check_pair("pearson", pred, ref)
    return _pearson_by_channel(pred, ref, weights).mean(dim=-1)


def pooled_pearson(pred: Tensor, ref: Tensor) -> Tensor:
    r"""Pearson correlation of every frame over all channels and nodes flattened together.

    The definition of Gupta & Brandstetter, PDEArena (2022), and Lippe et al., PDE-Refiner (2023); equal to :func:`pearson` for one channel.

    Args:
        pred: predicted trajectories.
        ref: reference trajectories.

    Shape: ``(batch, time, channel, *space)`` twice → ``(batch, time)``.

    Limits: channels of different means correlate by those means alone.
    """
    check_pair("pooled_pearson", pred, ref)
    return _pearson_by_channel(pred.flatten(CHANNEL_AXIS).unsqueeze(CHANNEL_AXIS), ref.flatten(CHANNEL_AXIS).unsqueeze(CHANNEL_AXIS), None)[..., 0]


def the_well_pearson(pred: Tensor, ref: Tensor, *, eps: float = 1e-7) -> Tensor:
    r"""The correlation of Ohana et al., The Well (2024): ⟨(p − p̄)(q − q̄)⟩ / (σₚ σ_q + eps) with σ unbiased and the covariance not.

    Args:
        pred: predicted trajectories p.
        ref: reference trajectories q.
        eps: floor of the divisor, in squared units of the field.

    Shape: ``(batch, time, channel, *space)`` twice → ``(batch, time)``, the mean over channels.

    Limits: a perfect prediction scores (S − 1)/S, not one, and a constant field zero; kept for comparison with published values.
    """
    check_pair("the_well_pearson", pred, ref)
    axes = space_axes(pred)
    covariance = space_mean(_centred(pred, None) * _centred(ref, None))
    return (covariance / (pred.std(dim=axes) * ref.std(dim=axes) + eps)).mean(dim=-1)


def cosine_similarity(pred: Tensor, ref: Tensor, *, weights: Tensor | None = None) -> Tensor:
    r"""Cosine of the angle between p and q, ⟨p q⟩ / √(⟨p²⟩⟨q²⟩) per channel, then the mean over channels; the mean is **not** removed.

    What Koehler et al., APEBench (2024), call correlation.

    Args:
        pred: predicted trajectories p.
        ref: reference trajectories q.
        weights: quadrature weights ``(*space)``; None weighs all nodes alike.

    Shape: ``(batch, time, channel, *space)`` twice → ``(batch, time)``.

    Limits: a large common mean hides every disagreement. NaN for a field that vanishes.
    """
    check_pair("cosine_similarity", pred, ref)
    return _cosine(pred, ref, weights).mean(dim=-1)
