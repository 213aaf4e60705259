"""The combined conservation family of the experiments E1, E2 and E3."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.derivatives.base import Coefficient, Derivatives, Field
from neuralpde.derivatives.elementwise import value_and_slope
from neuralpde.equations.base import Equation

__all__ = ["Combined"]


@dataclass(frozen=True, eq=False)
class Combined(Equation):
    r"""Transport, diffusion and dispersion under forcing:  uₜ + (α u² − β uₓ + γ uₓₓ)ₓ = δ(t, x), in one dimension.

    Heat is (0, η, 0), Burgers (½, η, 0), Korteweg–de Vries (3, 0, 1).

    Args:
        alpha: α, strength of the transport.
        beta: β ≥ 0, diffusion.
        gamma: γ, dispersion.
        forcing: δ, usually a callable of the provider such as ``SineSeries``.

    Limits: with β = γ = 0 shocks form; use WENO.

    Reference: Brandstetter, Worrall & Welling, *Message Passing Neural PDE Solvers* (2022), section 4.1. Their code scales the flux as
    a u²/2, so its ``a`` is twice this α.
    """

    alpha: Coefficient = 1.0
    beta: Coefficient = 0.0
    gamma: Coefficient = 0.0
    forcing: Coefficient = 0.0

    def flux(self, u: Field) -> tuple[Field, ...]:
        """α u²."""
        return (self.alpha * u * u,)

    def sonic(self) -> float:
        """The state at which the flux is stationary."""
        return 0.0

    @override
    def linear(self, u: Field, d: Derivatives) -> Field:
        return self.beta * d.dx(u, order=2) - self.gamma * d.dx(u, order=3)

    @override
    def nonlinear(self, u: Field, d: Derivatives) -> Field:
        return self.forcing - d.convect(self.flux, u)

    @override
    def densities(self, u: Field, d: Derivatives) -> dict[str, Field]:
        return {"mass": u}

    def exact(self, t: Tensor | float, x: Tensor, profile: Callable[[Tensor], Tensor], num_iterations: int = 30) -> Tensor:
        """Solution along characteristics of the pure transport equation (β = γ = δ = 0), u = u₀(x − 2αut), until the first shock.

        Args:
            t: time, before −1 / min(2α u₀').
            x: coordinate.
            profile: u₀, smooth and elementwise.
            num_iterations: Newton steps; the result can be differentiated in t and x (twice).

        Limits: beyond the shock time the equation for u has several roots and the result is meaningless.
        """

        def newton(foot: Tensor) -> Tensor:
            value, slope = value_and_slope(profile, foot)
            return foot - (foot + 2 * self.alpha * t * value - x) / (1 + 2 * self.alpha * t * slope)

        foot = (x + 0 * torch.as_tensor(t)).detach()
        with torch.no_grad():
            for _ in range(num_iterations):
                foot = newton(foot)
        # At the root, each step with gradients on makes one more derivative exact.
        return profile(newton(newton(foot)))

    def shock_speed(self, left: float | Tensor, right: float | Tensor) -> float | Tensor:
        """Rankine–Hugoniot speed α (u_l + u_r) of the jump from ``left`` to ``right`` of the pure transport equation."""
        return self.alpha * (left + right)
