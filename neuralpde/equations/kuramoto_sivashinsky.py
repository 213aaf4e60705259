"""The Kuramoto–Sivashinsky equation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from neuralpde.derivatives.base import Coefficient, Derivatives, Field
from neuralpde.equations.base import Equation

__all__ = ["KuramotoSivashinsky"]


@dataclass(frozen=True, eq=False)
class KuramotoSivashinsky(Equation):
    r"""Chaotic flame fronts:  uₜ + u uₓ + uₓₓ + ν uₓₓₓₓ = 0, in one dimension.

    With x = λ ξ and t = τ s every trajectory may have a length and a time step of its own on one common grid in (s, ξ):
    uₛ + τ (u u_ξ/λ + u_ξξ/λ² + ν u_ξξξξ/λ⁴) = 0, the same solutions exactly.

    Long waves (|k| < 1/√ν) grow, short ones decay, the nonlinearity carries energy from the former to the latter. Chaotic on periodic boxes
    longer than about 20√ν; the mean is conserved. No exact solution is known.

    Args:
        viscosity: ν > 0, multiplies the fourth derivative only.
        stretch: λ > 0, length of the box over that of the grid.
        pace: τ > 0, physical time over that of the solver.

    Limits: explicit schemes need dt of order dx⁴; use an exponential one. Trajectories diverge like exp(0.1 t) from any rounding error.

    Reference: Kuramoto & Tsuzuki, Prog. Theor. Phys. 55, 356 (1976); Sivashinsky, Acta Astronaut. 4, 1177 (1977).
    """

    clock: ClassVar[str] = "pace"

    viscosity: Coefficient = 1.0
    stretch: Coefficient = 1.0
    pace: Coefficient = 1.0

    def flux(self, u: Field) -> tuple[Field, ...]:
        """(τ/λ) u²/2."""
        return (0.5 * self.pace / self.stretch * u * u,)

    def sonic(self) -> float:
        """The state at which the flux is stationary."""
        return 0.0

    @override
    def linear(self, u: Field, d: Derivatives) -> Field:
        growth, decay = self.pace / self.stretch**2, self.pace * self.viscosity / self.stretch**4
        return -1.0 * growth * d.dx(u, order=2) - decay * d.dx(u, order=4)

    @override
    def nonlinear(self, u: Field, d: Derivatives) -> Field:
        return -1.0 * d.convect(self.flux, u)

    @override
    def densities(self, u: Field, d: Derivatives) -> dict[str, Field]:
        return {"mass": u}
