"""Incompressible flow in two dimensions."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.derivatives.base import Coefficient, Derivatives, Field
from neuralpde.equations.base import Equation

__all__ = ["VorticityNavierStokes"]


@dataclass(frozen=True, eq=False)
class VorticityNavierStokes(Equation):
    r"""Navier–Stokes in vorticity form:  ωₜ + ∇·(v ω) = ν Δω − μ ω + f,  v = (∂ψ/∂y, −∂ψ/∂x),  −Δψ = ω, on a periodic square.

    State: one channel, the vorticity ω = ∂v_y/∂x − ∂v_x/∂y. The velocity is non-local and comes from ``d.biot_savart``. The circulation
    ∫ω is conserved, and kept at zero by the periodic box; without forcing, energy and enstrophy decay with ν and μ. The same flow as
    :class:`~neuralpde.equations.VelocityNavierStokes`.

    Args:
        viscosity: ν ≥ 0.
        forcing: f, the curl of the body force, usually a callable of the provider.
        drag: μ ≥ 0, linear friction, which removes what the inverse cascade brings to the largest scales.

    Limits: two dimensions, no mean flow.
    """

    viscosity: Coefficient = 1e-3
    forcing: Coefficient = 0.0
    drag: Coefficient = 0.0

    def velocity(self, w: Field, d: Derivatives) -> tuple[Field, Field]:
        """(v_x, v_y) from the vorticity."""
        return d.biot_savart(w)

    @override
    def linear(self, w: Field, d: Derivatives) -> Field:
        return self.viscosity * d.laplacian(w) - self.drag * w

    @override
    def nonlinear(self, w: Field, d: Derivatives) -> Field:
        if d.ndim != 2:
            raise ValueError(f"VorticityNavierStokes: needs 2 space dimensions, got {d.ndim}; use a grid with two axes.")
        return self.forcing - d.advect_vorticity(self.velocity(w, d), w)

    @override
    def densities(self, w: Field, d: Derivatives) -> dict[str, Field]:
        return {"circulation": w}

    def exact(self, t: Tensor | float, x: Tensor, y: Tensor, wavenumber: float = 1.0, amplitude: float = 1.0) -> Tensor:
        """Decaying Taylor–Green vortices, ω = 2Ak cos(kx) cos(ky) exp(−(2νk² + μ)t), without forcing.

        Args:
            t: time.
            x: first coordinate.
            y: second coordinate.
            wavenumber: angular wavenumber k.
            amplitude: largest speed A.
        """
        # 0 x makes the exponent a field of the precision of x, also where t is a plain number.
        decay = torch.exp(0.0 * x - (2 * self.viscosity * wavenumber**2 + self.drag) * t)
        return 2 * amplitude * wavenumber * torch.cos(wavenumber * x) * torch.cos(wavenumber * y) * decay
