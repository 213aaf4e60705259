"""Incompressible flow in two dimensions, told by its velocity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.derivatives.base import Coefficient, Derivatives, Field
from neuralpde.equations.base import Equation

__all__ = ["VelocityNavierStokes"]


@dataclass(frozen=True, eq=False)
class VelocityNavierStokes(Equation):
    r"""Navier–Stokes in velocity form:  vₜ + ∇·(v ⊗ v) + ∇p = ν Δv − μ v + f,  ∇·v = 0, on a periodic square.

    State: two channels, the components of v. The pressure is no unknown: ``d.project`` removes the gradient part of force and transport,
    so a solution stays free of divergence if it starts so, and its mean changes by the mean force and the drag alone. The curl of a
    solution solves :class:`~neuralpde.equations.VorticityNavierStokes`, forced by the curl of f.

    Args:
        viscosity: ν ≥ 0; the Reynolds number in units of box and velocity is 1/ν.
        forcing: f, the body force, two channels, usually a callable of the provider; its gradient part has no effect.
        drag: μ ≥ 0, linear friction.

    Limits: two dimensions, unit density.
    """

    fields: ClassVar[tuple[str, ...]] = ("vx", "vy")
    velocity_fields: ClassVar[tuple[str, ...]] = ("vx", "vy")

    viscosity: Coefficient = 1e-3
    forcing: Coefficient = 0.0
    drag: Coefficient = 0.0

    def vorticity(self, v: Field, d: Derivatives) -> Field:
        """ω = ∂v_y/∂x − ∂v_x/∂y, one channel."""
        vx, vy = d.split(v)
        return d.dx(vy, 0) - d.dx(vx, 1)

    def momentum_flux(self, v: Field, d: Derivatives) -> tuple[Field, Field]:
        """v ⊗ v − v_y² 1, one vector per axis: the pressure absorbs the gradient ∇(v_y²), which leaves two products instead of three."""
        vx, vy = d.split(v)
        shear = vx * vy
        return d.join(vx * vx - vy * vy, shear), d.join(shear, 0.0 * shear)

    @override
    def linear(self, v: Field, d: Derivatives) -> Field:
        return self.viscosity * d.laplacian(v) - self.drag * v

    @override
    def nonlinear(self, v: Field, d: Derivatives) -> Field:
        if d.ndim != 2:
            raise ValueError(f"VelocityNavierStokes: needs 2 space dimensions, got {d.ndim}; use a grid with two axes.")
        force = self.forcing - d.convect(lambda q: self.momentum_flux(q, d), v)
        return d.join(*d.project(d.split(force)))

    @override
    def densities(self, v: Field, d: Derivatives) -> dict[str, Field]:
        vx, vy = d.split(v)
        return {"momentum x": vx, "momentum y": vy}

    def exact(self, t: Tensor | float, x: Tensor, y: Tensor, wavenumber: float = 1.0, amplitude: float = 1.0) -> Tensor:
        """Decaying Taylor–Green vortices, v = A (−cos(kx) sin(ky), sin(kx) cos(ky)) exp(−(2νk² + μ)t), without forcing.

        Args:
            t: time.
            x: first coordinate, ``(batch, 1, *space)``.
            y: second coordinate, likewise.
            wavenumber: angular wavenumber k.
            amplitude: largest speed A.

        Shape: ``(batch, 2, *space)``.
        """
        decay = amplitude * torch.exp(0.0 * x - (2 * self.viscosity * wavenumber**2 + self.drag) * t)
        kx, ky = wavenumber * x, wavenumber * y
        return torch.cat([-torch.cos(kx) * torch.sin(ky) * decay, torch.sin(kx) * torch.cos(ky) * decay], dim=1)
