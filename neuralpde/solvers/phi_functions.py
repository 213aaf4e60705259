"""The φ-functions of exponential integrators."""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = ["phi_functions"]


def phi_functions(z: Tensor, highest: int, num_points: int = 32) -> tuple[Tensor, ...]:
    r"""φ₀ = eᶻ and φₖ(z) = (φₖ₋₁(z) − 1/(k−1)!)/z for k = 1 … highest.

    The formula cancels catastrophically for small z. Each φₖ is entire, so it equals its mean over a circle around z, on which the formula
    is harmless (Kassam & Trefethen, *Fourth-order time stepping for stiff PDEs*, SIAM J. Sci. Comput. 26, 2005, section 3). Far from the
    origin, where nothing cancels, the formula itself is used.

    Args:
        z: complex128.
        highest: largest index k.
        num_points: points of the trapezoidal rule on the circle of radius one; 32 reach round-off.

    Shape: ``(*)`` → tuple of ``highest + 1`` tensors ``(*)``.
    """
    angles = math.pi * (2 * torch.arange(num_points, dtype=torch.float64, device=z.device) + 1) / num_points
    circle = torch.polar(torch.ones_like(angles), angles)
    near = z.abs() < 2
    # The replacement value keeps the unused branch finite, so that its gradient is zero and not NaN.
    contour = _recursion(torch.where(near, z, 0.0).unsqueeze(-1) + circle, highest)
    direct = _recursion(torch.where(near, 2.0, z), highest)
    return torch.exp(z), *(torch.where(near, c.mean(dim=-1), f) for c, f in zip(contour[1:], direct[1:], strict=True))


def _recursion(z: Tensor, highest: int) -> list[Tensor]:
    values = [torch.exp(z)]
    for k in range(1, highest + 1):
        values.append((values[-1] - 1 / math.factorial(k - 1)) / z)
    return values
