"""The Korteweg–de Vries equation."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.derivatives.base import Coefficient, Derivatives, Field
from neuralpde.equations.base import Equation

__all__ = ["KortewegDeVries"]


@dataclass(frozen=True, eq=False)
class KortewegDeVries(Equation):
    r"""Dispersive waves in shallow water:  uₜ + 6 u uₓ + δ uₓₓₓ = 0, in one dimension.

    State: one channel. Mass ∫u, energy ∫u² and the Hamiltonian ∫(δ uₓ²/2 − u³) are conserved. A soliton keeps its shape: :meth:`exact`.

    Args:
        dispersion: δ > 0. Below about 6 max|u| dx² the grid no longer resolves the oscillations.

    Reference: Zabusky & Kruskal, Phys. Rev. Lett. 15, 240 (1965).
    """

    dispersion: Coefficient = 1.0

    def flux(self, u: Field) -> tuple[Field, ...]:
        """3u²."""
        return (3.0 * u * u,)

    def sonic(self) -> float:
        """The state at which the flux is stationary."""
        return 0.0

    @override
    def linear(self, u: Field, d: Derivatives) -> Field:
        return -1.0 * self.dispersion * d.dx(u, order=3)

    @override
    def nonlinear(self, u: Field, d: Derivatives) -> Field:
        return -1.0 * d.convect(self.flux, u)

    @override
    def densities(self, u: Field, d: Derivatives) -> dict[str, Field]:
        slope = d.dx(u)
        return {"mass": u, "energy": u * u, "hamiltonian": 0.5 * self.dispersion * slope * slope - u * u * u}

    def exact(self, t: Tensor | float, x: Tensor, speed: float | Tensor = 1.0, centre: float | Tensor = 0.0, length: float | None = None) -> Tensor:
        """Soliton  (c/2) sech²(√(c/δ)/2 (x − x₀ − ct)).

        Args:
            t: time.
            x: coordinate.
            speed: c > 0; the height is c/2, the width √(δ/c).
            centre: x₀, the position at t = 0.
            length: period of the axis; the nearest image is shown, with a kink of order exp(−√(c/δ) length/2) half a period away.
        """
        distance = x - centre - speed * t
        if length is not None:
            distance = torch.remainder(distance + length / 2, length) - length / 2
        return speed / 2 / torch.cosh((speed / self.dispersion) ** 0.5 / 2 * distance) ** 2
