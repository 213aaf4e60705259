"""Equations with lifted coefficients, remembered by time."""

from __future__ import annotations

from typing import Generic, TypeVar

from neuralpde.derivatives.base import Derivatives
from neuralpde.equations.base import Equation

__all__ = ["LiftedInTime"]

Provider = TypeVar("Provider", bound=Derivatives)


class LiftedInTime(Generic[Provider]):
    """The equation and the provider at any time of one solver call; stages at the same instant evaluate the forcing once.

    Args:
        equation: with coefficients as given.
        derivatives: provider of the nonlinear part.
    """

    # Stage times return within a step or at the start of the next one, so a few suffice.
    _CAPACITY = 8

    def __init__(self, equation: Equation, derivatives: Provider) -> None:
        self.equation, self.derivatives = equation, derivatives
        self._known: dict[float, tuple[Equation, Provider]] = {}

    def at(self, t: float) -> tuple[Equation, Provider]:
        """The lifted equation and the provider at time ``t``."""
        if t not in self._known:
            if len(self._known) >= self._CAPACITY:
                del self._known[next(iter(self._known))]
            d = self.derivatives.at(t)
            self._known[t] = self.equation.on(d), d
        return self._known[t]
