"""Equations with lifted coefficients, remembered by time."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from neuralpde.derivatives.base import Derivatives
from neuralpde.equations.base import Equation

__all__ = ["LiftedInTime"]

Provider = TypeVar("Provider", bound=Derivatives)


class LiftedInTime(Generic[Provider]):
    """The equation and the provider at any time of one solver call; stages at the same instant evaluate the forcing once, a steady
    forcing is evaluated once at all.

    Args:
        equation: with coefficients as given.
        derivatives: provider of the nonlinear part.
    """

    # Stage times return within a step or at the start of the next one, so a few suffice.
    _CAPACITY = 8

    def __init__(self, equation: Equation, derivatives: Provider) -> None:
        self.equation, self.derivatives = equation, derivatives
        self._known: dict[float, tuple[Equation, Provider]] = {}
        self._lifted: Equation | None = None
        self._varies = any(_varies(coefficient) for coefficient in equation.coefficients().values())

    def at(self, t: float) -> tuple[Equation, Provider]:
        """The lifted equation and the provider at time ``t``."""
        if t not in self._known:
            if len(self._known) >= self._CAPACITY:
                del self._known[next(iter(self._known))]
            d = self.derivatives.at(t)
            if self._lifted is None or self._varies:
                self._lifted = self.equation.on(d)
            self._known[t] = self._lifted, d
        return self._known[t]


def _varies(coefficient: Any) -> bool:
    """Whether a coefficient may depend on time: a callable that does not say that it is steady."""
    if isinstance(coefficient, tuple):
        return any(_varies(entry) for entry in coefficient)
    return callable(coefficient) and not getattr(coefficient, "steady", False)
