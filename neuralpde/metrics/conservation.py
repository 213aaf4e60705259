"""Drift of mass and energy along a rollout."""

from __future__ import annotations

from torch import Tensor

from neuralpde.metrics.quadrature import space_mean

__all__ = ["energy_drift", "mass_drift"]


def mass_drift(trajectory: Tensor, start: Tensor, *, weights: Tensor | None = None) -> Tensor:
    r"""Change of the spatial mean since the start,  |⟨u(t)⟩ − ⟨u(0)⟩| / √⟨u(0)²⟩, then the mean over channels.

    Divided by the root mean square of the start because the mean itself is often zero.

    Args:
        trajectory: frames to be judged.
        start: the state they start from, one frame.
        weights: quadrature weights ``(*space)``; None weighs all nodes alike.

    Shape: ``(batch, time, channel, *space)`` and ``(batch, 1, channel, *space)`` → ``(batch, time)``.

    Limits: says nothing where the equation itself changes the mean, as with forcing or open ends; compare with the reference's own drift.
    """
    change = space_mean(trajectory, weights) - space_mean(start, weights)
    return (change.abs() / space_mean(start.square(), weights).sqrt()).mean(dim=-1)


def energy_drift(trajectory: Tensor, start: Tensor, *, weights: Tensor | None = None) -> Tensor:
    r"""Relative change of the energy since the start,  E(t)/E(0) − 1 with E = Σ_c ⟨u_c²⟩; its sign is kept.

    Args:
        trajectory: frames to be judged.
        start: the state they start from, one frame.
        weights: quadrature weights ``(*space)``; None weighs all nodes alike.

    Shape: ``(batch, time, channel, *space)`` and ``(batch, 1, channel, *space)`` → ``(batch, time)``.

    Limits: the mean square is an invariant of KdV or of inviscid Burgers before shocks, and falls or grows rightly elsewhere; compare with
    the reference's own drift. NaN for a start at rest.
    """
    return space_mean(trajectory.square(), weights).sum(dim=-1) / space_mean(start.square(), weights).sum(dim=-1) - 1
