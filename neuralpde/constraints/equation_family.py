"""One equation for every set of coefficients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from neuralpde.equations.base import Equation

__all__ = ["EquationFamily"]


@dataclass(frozen=True)
class EquationFamily:
    """An equation whose coefficients differ from trajectory to trajectory.

    Args:
        equation: class, or partial of one with the coefficients that are the same for all; called with the others by name.
        names: coefficients that the columns of a batch hold, in order.
        scales: typical size of each, positive; a network is told coefficients in these units.

    Raises:
        ValueError: not one positive scale for each name.
    """

    equation: Callable[..., Equation]
    names: Sequence[str] = ()
    scales: Sequence[float] = ()

    def __post_init__(self) -> None:
        if len(self.names) != len(self.scales) or any(scale <= 0 for scale in self.scales):
            raise ValueError(f"EquationFamily: {list(self.names)} need a positive scale each, got {list(self.scales)}; take them from the training data.")

    def __call__(self, coefficients: Tensor) -> Equation:
        """The equation of a batch.

        Args:
            coefficients: in physical units, ``(batch, num)``.

        Raises:
            ValueError: another number of coefficients than names.
        """
        if coefficients.shape[-1] != len(self.names):
            raise ValueError(
                f"EquationFamily: expected the coefficients {list(self.names)}, got {coefficients.shape[-1]} columns; name them in the data config."
            )
        return self.equation(**dict(zip(self.names, coefficients.double().unbind(1), strict=True)))
