"""The body force of Kolmogorov flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.initial.profiles import Profile

__all__ = ["KolmogorovForce", "SinusoidalShear"]


@dataclass(frozen=True, eq=False)
class SinusoidalShear(Profile):
    r"""The plane vector field A sin(κ y) x̂, two channels; its curl is −A κ cos(κ y).

    Args:
        amplitude: A, ``(batch,)``, or a number if no scenario draws it.
        wavenumber: κ, angular, likewise.
    """

    steady: ClassVar[bool] = True

    amplitude: Tensor | float
    wavenumber: Tensor | float

    def __call__(self, d: Derivatives) -> Field:
        """Values at the coordinates of ``d``."""
        along = d.lift(self.amplitude) * torch.sin(d.lift(self.wavenumber) * d.x[1])
        return d.join(along, 0.0 * along)


@dataclass(frozen=True)
class KolmogorovForce:
    """Law that always returns the same :class:`SinusoidalShear`.

    Args:
        amplitude: A.
        wavenumber: κ, angular.
    """

    amplitude: float = 1.0
    wavenumber: float = 4.0

    def __call__(self, generator: torch.Generator) -> SinusoidalShear:
        """The force, with batch 1."""
        del generator
        return SinusoidalShear(*(torch.tensor([value], dtype=torch.float64) for value in (self.amplitude, self.wavenumber)))
