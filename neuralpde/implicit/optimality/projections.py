"""Euclidean projections onto simple sets, along the last axis."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["project_box", "project_l1_ball", "project_l2_ball", "project_non_negative", "project_simplex"]


def project_non_negative(v: Tensor, _: object = None) -> Tensor:
    """argmin ‖x − v‖ subject to x ≥ 0."""
    return v.clamp(min=0)


def project_box(v: Tensor, bounds: tuple[Tensor | float, Tensor | float]) -> Tensor:
    """argmin ‖x − v‖ subject to lower ≤ x ≤ upper; differentiable in the bounds where they are active.

    Args:
        v: ``(*batch, n)``.
        bounds: (lower, upper), numbers or broadcastable tensors, lower ≤ upper.
    """
    lower, upper = (torch.as_tensor(bound, dtype=v.dtype, device=v.device) for bound in bounds)
    return torch.where(v < lower, lower, torch.where(v > upper, upper, v))


def project_simplex(v: Tensor, total: Tensor | float = 1.0) -> Tensor:
    """argmin ‖x − v‖ subject to x ≥ 0, Σ x = total:  x = max(v − τ, 0).

    τ comes from the sorted values; the number of positive entries is a constant of the derivative, which therefore exists wherever no entry is exactly at
    the kink.

    Args:
        v: ``(*batch, n)``.
        total: positive, a number or ``(*batch,)``.

    Reference: Held, Wolfe and Crowder, Math. Programming 6, 62 (1974).
    """
    total = torch.as_tensor(total, dtype=v.dtype, device=v.device).unsqueeze(-1)
    ordered = v.sort(dim=-1, descending=True).values
    excess = ordered.cumsum(-1) - total
    count = torch.arange(1, v.shape[-1] + 1, dtype=v.dtype, device=v.device)
    # Entries above the threshold that the first k of them imply are exactly the positive ones.
    positive = (ordered * count > excess).sum(-1, keepdim=True)
    return (v - excess.gather(-1, positive - 1) / positive).clamp(min=0)


def project_l1_ball(v: Tensor, radius: Tensor | float = 1.0) -> Tensor:
    """argmin ‖x − v‖ subject to Σ |x| ≤ radius, by the projection of |v| onto the simplex.

    Args:
        v: ``(*batch, n)``.
        radius: positive, a number or ``(*batch,)``.
    """
    size = torch.as_tensor(radius, dtype=v.dtype, device=v.device)
    inside = (v.abs().sum(-1) <= size).unsqueeze(-1)
    return torch.where(inside, v, v.sign() * project_simplex(v.abs(), size))


def project_l2_ball(v: Tensor, radius: Tensor | float = 1.0) -> Tensor:
    """argmin ‖x − v‖ subject to ‖x‖ ≤ radius.

    Args:
        v: ``(*batch, n)``.
        radius: positive, a number or ``(*batch,)``.
    """
    size = torch.as_tensor(radius, dtype=v.dtype, device=v.device).unsqueeze(-1)
    squared = v.square().sum(-1, keepdim=True)
    outside = squared > size.square()
    # Where v is inside, the quotient is not used; one instead of zero under the root keeps NaN out of its derivative.
    return torch.where(outside, size * v / torch.where(outside, squared, 1.0).sqrt(), v)
