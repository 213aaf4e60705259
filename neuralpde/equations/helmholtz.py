"""The Helmholtz equation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from neuralpde.derivatives.base import Coefficient, Derivatives, Field
from neuralpde.equations.base import Equation

__all__ = ["Helmholtz"]


@dataclass(frozen=True, eq=False)
class Helmholtz(Equation):
    """Waves of one frequency:  Δu + k²u = 0.

    Args:
        wavenumber: k, a number or a function of space. At an eigenvalue of −Δ the problem has no unique solution.
    """

    steady: ClassVar[bool] = True
    wavenumber: Coefficient = 1.0

    @override
    def linear(self, u: Field, d: Derivatives) -> Field:
        return d.laplacian(u) + self.wavenumber * self.wavenumber * u
