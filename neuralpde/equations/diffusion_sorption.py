"""Diffusion of a solute that sticks to the soil."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from typing_extensions import override

from neuralpde.derivatives.base import Coefficient, Derivatives, Field
from neuralpde.equations.base import Equation

__all__ = ["DiffusionSorption"]

FLOOR = 1e-6
"""Added to the concentration inside the power, whose exponent is negative."""


@dataclass(frozen=True, eq=False)
class DiffusionSorption(Equation):
    r"""Diffusion retarded by sorption (Freundlich isotherm):  uₜ = D/R(u) uₓₓ,  R(u) = 1 + (1 − φ)/φ · ρ k n u^(n − 1), in any dimension.

    State: one channel, the concentration u ≥ 0. What is dissolved and what is sorbed, ∫(u + (1 − φ)/φ ρ k uⁿ), changes through the ends only. In
    the benchmark u = 1 at x = 0 and the concentration flows out at x = 1, on x ∈ (0, 1) and t ∈ (0, 500].

    Args:
        diffusivity: D > 0.
        porosity: φ in (0, 1).
        density: ρ, of the bulk.
        sorption: k ≥ 0; zero leaves the heat equation.
        exponent: n of the isotherm, at most 1.

    Limits: R is not smooth at u = 0; the power is taken of max(u, 0) + 1e-6, so R stays bounded and has a kink there. No part is linear with
    constant coefficients, so exponential solvers do not help.

    Reference: Takamoto et al., "PDEBench: An Extensive Benchmark for Scientific Machine Learning", 2022, section D.4, for the coefficients.
    """

    diffusivity: Coefficient = 5e-4
    porosity: Coefficient = 0.29
    density: Coefficient = 2880.0
    sorption: Coefficient = 3.5e-4
    exponent: Coefficient = 0.874

    def retardation(self, u: Field) -> Field:
        """R(u)."""
        ratio = (1.0 - self.porosity) / self.porosity
        return 1.0 + ratio * self.density * self.sorption * self.exponent * (torch.clamp(u, min=0.0) + FLOOR) ** (self.exponent - 1.0)

    @override
    def nonlinear(self, u: Field, d: Derivatives) -> Field:
        return self.diffusivity / self.retardation(u) * d.laplacian(u)

    def content(self, u: Field) -> Field:
        """Dissolved and sorbed amount per volume, the integral of R: what diffusion conserves."""
        ratio = (1.0 - self.porosity) / self.porosity * self.density * self.sorption
        return u + ratio * ((torch.clamp(u, min=0.0) + FLOOR) ** self.exponent - FLOOR**self.exponent)
