"""A Korteweg–de Vries equation in two dimensions."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.equations.base import Equation

__all__ = ["KortewegDeVries2d"]


@dataclass(frozen=True, eq=False)
class KortewegDeVries2d(Equation):
    r"""u_{ty} + u_{xxxy} + 3 (u_y u_x)_x − u_{xx} + 2 u_{yy} = 0.

    It has no form uₜ = …, so :meth:`residual` is given and there is no solver. Steps that travel and pass through each other: :meth:`exact`.

    Reference: Shi, Hu, Lin & Kawaguchi, Stochastic Taylor derivative estimator, 2024, appendix I.4.1, where no solution is given; the one here follows from
    the bilinear form (D_x³D_y + D_tD_y − D_x² + 2D_y²) F·F = 0 with u = 2 ∂ₓ log F (Hirota, The direct method in soliton theory, 2004).
    """

    @override
    def residual(self, u: Field, d: Derivatives) -> Field:
        ux, uy = d.dx(u), d.dx(u, axis=1)
        uxx, uxy = d.dx(u, order=2), d.dx(uy)
        return d.dt(uy) + d.dx(uy, order=3) + 3.0 * (uxy * ux + uy * uxx) - uxx + 2.0 * d.dx(u, axis=1, order=2)

    def exact(
        self,
        t: Tensor | float,
        x: Tensor,
        y: Tensor,
        wavenumbers: tuple[float, float] = (1.0, 1.5),
        across: tuple[float, float] = (0.8, -1.1),
    ) -> Tensor:
        r"""Two steps  u = 2 ∂ₓ log F,  F = 1 + e^{θ₁} + e^{θ₂} + A e^{θ₁+θ₂},  θᵢ = kᵢ x + lᵢ y + ωᵢ t,  ωᵢ = kᵢ²/lᵢ − kᵢ³ − 2 lᵢ.

        Args:
            t: time.
            x: first coordinate.
            y: second coordinate.
            wavenumbers: kᵢ; a step has height 2k.
            across: lᵢ ≠ 0; A = −P(1 − 2)/P(1 + 2), with P = k³l + ωl − k² + 2l² at differences and sums of both triples, must be positive.
        """
        (k1, k2), (l1, l2) = wavenumbers, across
        w1, w2 = (k * k / m - k**3 - 2 * m for k, m in ((k1, l1), (k2, l2)))
        factor = -_dispersion(k1 - k2, l1 - l2, w1 - w2) / _dispersion(k1 + k2, l1 + l2, w1 + w2)
        first, second = torch.exp(k1 * x + l1 * y + w1 * t), torch.exp(k2 * x + l2 * y + w2 * t)
        both = factor * first * second
        return 2 * (k1 * first + k2 * second + (k1 + k2) * both) / (1 + first + second + both)


def _dispersion(k: float, m: float, w: float) -> float:
    return k**3 * m + w * m - k * k + 2 * m * m
