"""The Kuramoto–Sivashinsky equation."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from neuralpde.derivatives.base import Coefficient, Derivatives, Field
from neuralpde.equations.base import Equation

__all__ = ["KuramotoSivashinsky"]


@dataclass(frozen=True, eq=False)
class KuramotoSivashinsky(Equation):
    r"""Chaotic flame fronts:  uₜ + u uₓ + uₓₓ + ν uₓₓₓₓ = 0, in one dimension.

    Long waves (|k| < 1/√ν) grow, short ones decay, the nonlinearity carries energy from the former to the latter. Chaotic on periodic boxes
    longer than about 20√ν; the mean is conserved. No exact solution is known.

    Args:
        viscosity: ν > 0, multiplies the fourth derivative only.

    Limits: explicit schemes need dt of order dx⁴; use an exponential one. Trajectories diverge like exp(0.1 t) from any rounding error.

    Reference: Kuramoto & Tsuzuki, Prog. Theor. Phys. 55, 356 (1976); Sivashinsky, Acta Astronaut. 4, 1177 (1977).
    """

    viscosity: Coefficient = 1.0

    def flux(self, u: Field) -> tuple[Field, ...]:
        """u²/2."""
        return (0.5 * u * u,)

    def sonic(self) -> float:
        """The state at which the flux is stationary."""
        return 0.0

    @override
    def linear(self, u: Field, d: Derivatives) -> Field:
        return -1.0 * d.dx(u, order=2) - self.viscosity * d.dx(u, order=4)

    @override
    def nonlinear(self, u: Field, d: Derivatives) -> Field:
        return -1.0 * d.convect(self.flux, u)

    @override
    def densities(self, u: Field, d: Derivatives) -> dict[str, Field]:
        return {"mass": u}
