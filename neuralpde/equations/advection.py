"""Linear advection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor
from typing_extensions import override

from neuralpde.derivatives.base import Coefficient, Derivatives, Field
from neuralpde.equations.base import Equation

__all__ = ["Advection"]


@dataclass(frozen=True, eq=False)
class Advection(Equation):
    r"""Transport without change of shape:  uₜ + c·∇u = 0.

    Args:
        velocity: c, one coefficient for the only axis, or a tuple with one per axis. A velocity that varies in space is allowed where the
            solver needs no symbol.

    Limits: central schemes make a jump ring; upwind schemes smear it.
    """

    velocity: Coefficient | tuple[Coefficient, ...] = 1.0

    @override
    def linear(self, u: Field, d: Derivatives) -> Field:
        velocity = self.velocity if isinstance(self.velocity, tuple) else (self.velocity,)
        if len(velocity) != d.ndim:
            raise ValueError(f"Advection: velocity needs one entry per axis ({d.ndim}), got {len(velocity)}; give a tuple with {d.ndim} entries.")
        return -1.0 * d.advect(velocity, u)

    @override
    def densities(self, u: Field, d: Derivatives) -> dict[str, Field]:
        return {"mass": u, "energy": u * u}

    def exact(self, t: Tensor | float, *x: Tensor, profile: Callable[..., Tensor]) -> Tensor:
        """profile(x − ct), for a constant velocity and a profile periodic on the box; coordinates broadcast."""
        velocity = self.velocity if isinstance(self.velocity, tuple) else (self.velocity,)
        return profile(*(coordinate - c * t for coordinate, c in zip(x, velocity, strict=True)))
