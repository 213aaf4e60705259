"""The Kadomtsev–Petviashvili equation."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.equations.base import Equation

__all__ = ["KadomtsevPetviashvili"]


@dataclass(frozen=True, eq=False)
class KadomtsevPetviashvili(Equation):
    r"""Nearly one-dimensional waves in shallow water:  (uₜ + 6 u uₓ + uₓₓₓ)ₓ + 3 u_yy = 0  (KP-II, weak surface tension).

    It has no form uₜ = …, so :meth:`residual` is given and there is no solver. Two solitons that cross: :meth:`exact`.

    Reference: Kadomtsev & Petviashvili, On the stability of solitary waves in weakly dispersing media, 1970; solitons by Satsuma,
    N-soliton solution of the two-dimensional Korteweg–de Vries equation, 1976.
    """

    @override
    def residual(self, u: Field, d: Derivatives) -> Field:
        slope = d.dx(u)
        return d.dx(d.dt(u)) + 6.0 * (slope * slope + u * d.dx(u, order=2)) + d.dx(u, order=4) + 3.0 * d.dx(u, axis=1, order=2)

    def exact(
        self,
        t: Tensor | float,
        x: Tensor,
        y: Tensor,
        wavenumbers: tuple[float, float] = (1.0, 1.5),
        directions: tuple[float, float] = (0.1, -0.2),
    ) -> Tensor:
        r"""Two solitons  u = 2 ∂ₓ² log F,  F = 1 + e^{θ₁} + e^{θ₂} + A e^{θ₁+θ₂},  θᵢ = kᵢ(x + pᵢ y − (kᵢ² + 3pᵢ²) t).

        Args:
            t: time.
            x: coordinate along the waves.
            y: coordinate across.
            wavenumbers: kᵢ > 0; the height of one soliton is k²/2.
            directions: pᵢ; A = ((k₁−k₂)² − (p₁−p₂)²)/((k₁+k₂)² − (p₁−p₂)²) must be positive.
        """
        (k1, k2), (p1, p2) = wavenumbers, directions
        turn = (p1 - p2) ** 2
        factor = ((k1 - k2) ** 2 - turn) / ((k1 + k2) ** 2 - turn)
        theta1, theta2 = (k * (x + p * y - (k * k + 3 * p * p) * t) for k, p in ((k1, p1), (k2, p2)))
        first, second, both = torch.exp(theta1), torch.exp(theta2), factor * torch.exp(theta1 + theta2)
        total = 1 + first + second + both
        slope = (k1 * first + k2 * second + (k1 + k2) * both) / total
        curvature = (k1**2 * first + k2**2 * second + (k1 + k2) ** 2 * both) / total
        return 2 * (curvature - slope * slope)
