"""The viscous Burgers equation."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.derivatives.base import Coefficient, Derivatives, Field
from neuralpde.equations.base import Equation

__all__ = ["Burgers"]


@dataclass(frozen=True, eq=False)
class Burgers(Equation):
    r"""Steepening against diffusion:  uₜ + Σₐ ∂(u²/2)/∂xₐ = ν Δu; in one dimension  uₜ + u uₓ = ν uₓₓ.

    State: one channel. The mass ∫u is conserved; fronts have the thickness ν / jump.

    Args:
        viscosity: ν ≥ 0.

    Limits: once ν falls below jump · dx, fronts are not resolved and spectral schemes oscillate; use WENO.

    Reference: Cole, Quart. Appl. Math. 9, 225 (1951), for the exact solution.
    """

    viscosity: Coefficient = 0.01

    def flux(self, u: Field) -> tuple[Field, ...]:
        """u²/2, the same along each axis."""
        return (0.5 * u * u,)

    def sonic(self) -> float:
        """The state at which the flux is stationary."""
        return 0.0

    @override
    def linear(self, u: Field, d: Derivatives) -> Field:
        return self.viscosity * d.laplacian(u)

    @override
    def nonlinear(self, u: Field, d: Derivatives) -> Field:
        return -1.0 * d.convect(lambda q: self.flux(q) * d.ndim, u)

    @override
    def densities(self, u: Field, d: Derivatives) -> dict[str, Field]:
        return {"mass": u}

    def exact(self, t: Tensor | float, x: Tensor, amplitude: float = 0.5, wavenumber: float = 1.0) -> Tensor:
        """Cole–Hopf solution in one dimension, u = −2ν φₓ/φ with the heat solution φ = 1 + a exp(−νk²t) cos kx.

        Args:
            t: time.
            x: coordinate.
            amplitude: a, |a| < 1; towards 1 the solution steepens to sawtooth form.
            wavenumber: angular wavenumber k.
        """
        if not abs(amplitude) < 1:
            raise ValueError(f"Burgers.exact: amplitude needs |a| < 1, got {amplitude}; the solution is singular otherwise, choose it smaller.")
        # 0 x makes the exponent a field of the precision of x, also where t is a plain number.
        decay = amplitude * torch.exp(0.0 * x - self.viscosity * wavenumber**2 * t)
        return 2 * self.viscosity * wavenumber * decay * torch.sin(wavenumber * x) / (1 + decay * torch.cos(wavenumber * x))
