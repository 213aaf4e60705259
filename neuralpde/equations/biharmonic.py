"""The biharmonic equation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.equations.base import Equation

__all__ = ["Biharmonic"]


@dataclass(frozen=True, eq=False)
class Biharmonic(Equation):
    """Δ²u = 0, with a source the bending of a thin plate. It needs two conditions on every boundary."""

    steady: ClassVar[bool] = True

    @override
    def linear(self, u: Field, d: Derivatives) -> Field:
        return d.biharmonic(u)
