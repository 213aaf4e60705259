"""The wave equation as a first-order pair."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.boundaries import DIRICHLET, parity
from neuralpde.derivatives.base import Coefficient, Derivatives, Field
from neuralpde.derivatives.elementwise import value_and_slope
from neuralpde.equations.base import Equation

__all__ = ["Wave"]


def _gaussian(x: Tensor) -> Tensor:
    return torch.exp(-(x**2))


@dataclass(frozen=True, eq=False)
class Wave(Equation):
    r"""Waves of constant or variable speed:  uₜ = v,  vₜ = c² Δu, in any dimension.

    State: two channels, displacement u and velocity v. The energy ∫(v² + c²|∇u|²)/2 is conserved on periodic boxes and between Dirichlet
    or Neumann ends. Boundary conditions belong to the solver.

    Args:
        speed: c > 0.

    Reference: the experiments WE1–WE3 of Brandstetter, Worrall & Welling, *Message Passing Neural PDE Solvers* (2022), use c = 2 on [−8, 8].
    """

    fields: ClassVar[tuple[str, ...]] = ("u", "v")

    speed: Coefficient = 1.0

    @override
    def linear(self, u: Field, d: Derivatives) -> Field:
        displacement, velocity = d.split(u)
        return d.join(velocity, self.speed * self.speed * d.laplacian(displacement))

    @override
    def densities(self, u: Field, d: Derivatives) -> dict[str, Field]:
        displacement, velocity = d.split(u)
        strain = [slope * slope for slope in d.grad(displacement)]
        density = velocity * velocity + self.speed * self.speed * sum(strain[1:], start=strain[0])
        return {"energy": 0.5 * density}

    def exact(
        self,
        t: Tensor | float,
        x: Tensor,
        *,
        profile: Callable[[Tensor], Tensor] = _gaussian,
        left: float | Tensor = DIRICHLET,
        right: float | Tensor = DIRICHLET,
        lower: float = -8.0,
        upper: float = 8.0,
        images: int = 2,
    ) -> tuple[Tensor, Tensor]:
        r"""The left-moving pulse f(x + ct) between two ends, by the method of images:

            u = Σₘ (r_l r_r)ᵐ [f(x + ct − 2mL) + r_l f(2a − x + ct − 2mL)],   r = −1 (Dirichlet) or +1 (Neumann), on [a, a + L].

        Args:
            t: time, either sign.
            x: coordinate in [a, a + L].
            profile: f, elementwise, decaying; the default is exp(−x²).
            left: flag of the lower end, 0 Dirichlet or 1 Neumann; broadcasts against the result.
            right: flag of the upper end.
            lower: a.
            upper: a + L.
            images: reflections kept beyond the nearest ones on both sides.

        Returns:
            u and v = uₜ, for a constant speed.

        Limits: both conditions hold exactly up to the neglected images; the initial state differs from f by the tails of f outside the
        interval.
        """
        length, travelled = upper - lower, self.speed * torch.as_tensor(t)
        reflections = [travelled.detach().min().item(), travelled.detach().max().item()]
        first, last = math.floor(reflections[0] / (2 * length)) - images, math.ceil(reflections[1] / (2 * length)) + images
        sign_left, sign_both = parity(left), parity(left) * parity(right)
        u, v = torch.zeros(()), torch.zeros(())
        for m in range(first, last + 1):
            factor = sign_both if m % 2 else 1.0
            for sign, position in ((1.0, x), (sign_left, 2 * lower - x)):
                z = position + travelled - 2 * m * length
                value, slope = value_and_slope(profile, z)
                u = u + factor * sign * value
                v = v + factor * sign * self.speed * slope
        return u, v
