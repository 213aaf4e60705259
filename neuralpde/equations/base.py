"""The equation contract: physics and nothing else."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

from typing_extensions import Self

from neuralpde.derivatives.base import Derivatives, Field

__all__ = ["Equation"]


@dataclass(frozen=True, eq=False)
class Equation:
    r"""A partial differential equation  uₜ = linear(u) + nonlinear(u), or 0 = linear(u) + nonlinear(u) if ``steady``.

    A subclass is a frozen dataclass whose fields are the coefficients: numbers, ``(batch,)`` tensors, ``(batch, *space)`` tensors, or
    callables that take the provider. It knows no grid, device, file or solver, and uses only arithmetic, elementary torch functions and
    the provider ``d``. One definition serves solver, residual, symbol and inverse problem.

    ``linear``, ``nonlinear`` and ``densities`` see lifted coefficients and must be called through :meth:`rhs`, :meth:`residual`,
    :meth:`conserved` or on ``equation.on(d)``.

    Attributes:
        fields: names of the channels, in order.
        steady: whether the equation has no time derivative.
        velocity_fields: names of the fields that are the components of a velocity, none by default; flows are compared by their vorticity.
        clock: name of the coefficient that is the physical time over that of the solver, empty if there is none.
    """

    fields: ClassVar[tuple[str, ...]] = ("u",)
    steady: ClassVar[bool] = False
    velocity_fields: ClassVar[tuple[str, ...]] = ()
    clock: ClassVar[str] = ""

    def linear(self, u: Field, d: Derivatives) -> Field:
        """The part one may exponentiate or invert; homogeneous and linear in ``u``. A plain 0.0 means absent."""
        del u, d
        return 0.0

    def nonlinear(self, u: Field, d: Derivatives) -> Field:
        """Everything else, forcing included. A plain 0.0 means absent."""
        del u, d
        return 0.0

    def densities(self, u: Field, d: Derivatives) -> dict[str, Field]:
        """Densities whose mean over a periodic box the unforced equation conserves, by name; sees lifted coefficients."""
        del u, d
        return {}

    def conserved(self, u: Field, d: Derivatives) -> dict[str, Field]:
        """Spatial mean of each of the :meth:`densities`, by name."""
        return {name: d.mean(density) for name, density in self.on(d).densities(u, d).items()}

    def on(self, d: Derivatives) -> Self:
        """A copy whose coefficients broadcast against the fields of ``d``."""
        return dataclasses.replace(self, **{name: d.lift(value) for name, value in self.coefficients().items()})

    def coefficients(self) -> dict[str, Any]:
        """The coefficients by name, as they were given."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def rhs(self, u: Field, d: Derivatives) -> Field:
        """linear(u) + nonlinear(u)."""
        lifted = self.on(d)
        return lifted.linear(u, d) + lifted.nonlinear(u, d)

    def residual(self, u: Field, d: Derivatives) -> Field:
        """uₜ − rhs(u), or −rhs(u) for a steady equation; zero on a solution."""
        return -1.0 * self.rhs(u, d) if self.steady else d.dt(u) - self.rhs(u, d)
