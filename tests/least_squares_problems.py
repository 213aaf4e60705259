"""A batch of curve fits y = a exp(bt) with noise: non-linear, with residuals that do not vanish."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["TIMES", "curvature", "jacobian", "measurements", "residual"]

TIMES = torch.linspace(0, 1, 20, dtype=torch.float64)


def measurements(generator: torch.Generator, noise: float = 0.3) -> Tensor:
    clean = torch.stack([2 * torch.exp(-TIMES), 3 * torch.exp(0.5 * TIMES), 0.5 * torch.exp(2 * TIMES)])
    return clean + noise * torch.randn(3, 20, dtype=torch.float64, generator=generator)


def residual(x: Tensor, t: Tensor, y: Tensor) -> Tensor:
    return x[..., :1] * torch.exp(x[..., 1:] * t) - y


def jacobian(x: Tensor, t: Tensor, y: Tensor) -> Tensor:
    growth = torch.exp(x[..., 1:] * t)
    return torch.stack([growth, x[..., :1] * t * growth], -1)


def curvature(x: Tensor, t: Tensor, y: Tensor) -> Tensor:
    """Σ rᵢ ∇²rᵢ, with ∇²rᵢ = [[0, t e], [t e, a t² e]], e = exp(bt)."""
    r, growth = residual(x, t, y), torch.exp(x[..., 1:] * t)
    mixed, second = (r * t * growth).sum(-1), (r * x[..., :1] * t * t * growth).sum(-1)
    return torch.stack([torch.stack([torch.zeros_like(mixed), mixed], -1), torch.stack([mixed, second], -1)], -2)
