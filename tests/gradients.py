"""Gradients against central differences."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["gradient_gap"]


def gradient_gap(function: Callable[[Tensor], Tensor], x: Tensor, *, step: float = 1e-5, seed: int = 0) -> float:
    """Relative gap between autograd and a central difference of a weighted sum of ``function(x)``, along a random direction."""
    generator = torch.Generator().manual_seed(seed)
    direction = torch.randn(x.shape, generator=generator, dtype=x.dtype)
    leaf = x.detach().clone().requires_grad_()
    values = function(leaf)
    weights = torch.randn(values.shape, generator=generator, dtype=values.dtype)
    (gradient,) = torch.autograd.grad((values * weights).sum(), leaf)
    exact = float((gradient * direction).sum())
    with torch.no_grad():
        above, below = function(x + step * direction), function(x - step * direction)
    estimate = float(((above - below) * weights).sum()) / (2 * step)
    return abs(exact - estimate) / abs(estimate)
