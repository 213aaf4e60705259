"""Gaussian pulses that travel to the left: initial states of the wave equation."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.initial.laws import Law
from neuralpde.initial.profiles import Profile

__all__ = ["RandomPulse", "TravellingPulse"]


@dataclass(frozen=True, eq=False)
class TravellingPulse(Profile):
    r"""Displacement exp(−(x − s)²) and velocity −2c (x − s) exp(−(x − s)²): the state at t = 0 of the left-moving pulse f(x + ct).

    Args:
        centre: s, ``(batch,)``.
        speed: c, ``(batch,)``; the pulse keeps its shape only if the equation has the same speed.
    """

    centre: Tensor
    speed: Tensor

    def __call__(self, d: Derivatives) -> Field:
        """The pair (u, v), two channels."""
        shift = d.x[0] - d.lift(self.centre)
        displacement = torch.exp(-(shift**2))
        return d.join(displacement, -2.0 * d.lift(self.speed) * shift * displacement)


@dataclass(frozen=True)
class RandomPulse:
    """Law of :class:`TravellingPulse`: centre uniform on [low, high).

    The defaults are those of the experiments WE1–WE3 in Brandstetter, Worrall & Welling (2022) on the interval [−8, 8].

    Args:
        low: leftmost centre.
        high: rightmost centre.
        speed: wave speed, a number or a law; must agree with the equation.
    """

    low: float = -4.0
    high: float = 4.0
    speed: float | Law = 2.0

    def __call__(self, generator: torch.Generator) -> TravellingPulse:
        """One draw, a pulse with batch 1."""
        centre = self.low + (self.high - self.low) * torch.rand(1, generator=generator, dtype=torch.float64)
        speed = self.speed(generator) if callable(self.speed) else self.speed
        return TravellingPulse(centre=centre, speed=torch.tensor([speed], dtype=torch.float64))
