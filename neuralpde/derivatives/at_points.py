"""What all derivatives of network outputs at scattered points share."""

from __future__ import annotations

import copy
from typing import Any

from torch import Tensor
from typing_extensions import Self

from neuralpde.derivatives.base import Derivatives, Field

__all__ = ["AtPoints"]


class AtPoints(Derivatives):
    """Derivatives of fields that were computed from the coordinates ``d.t`` and ``d.x`` of scattered points.

    Plain values carry no derivative, so they are refused where one would silently be zero; a Poisson problem is not solved but handed to the loss.

    Attributes:
        potentials: extra network outputs, one for each call of :meth:`solve_poisson` in an evaluation.
        defects: Δψ − f for every :meth:`solve_poisson` so far; a loss adds the squares of their values.
    """

    space_axes = 1
    potentials: tuple[Any, ...]
    defects: list[Any]

    def using(self, *potentials: Any) -> Self:
        """A copy with these extra outputs and no defects yet; derivatives that are memoised are shared."""
        other = copy.copy(self)
        other.potentials, other.defects = potentials, []
        return other

    def at(self, t: Any) -> Self:
        """A copy at another time, a coordinate of the points or a number."""
        other = super().at(t)
        other.defects = []
        return other

    def solve_poisson(self, f: Field) -> Field:
        """The next extra output ψ; records the defect Δψ − f, which the loss must drive to zero."""
        index = len(self.defects)
        if index >= len(self.potentials):
            raise TypeError(
                f"{type(self).__name__}: solve_poisson needs one extra network output per call, got {len(self.potentials)} for call {index + 1}; "
                "use d.using(psi)."
            )
        psi = self.potentials[index]
        self.defects.append(self.laplacian(psi) - f)
        return psi

    def _refuse_values(self, u: Tensor) -> None:
        if u.ndim > 0 and u.shape[-1] != 1:
            raise TypeError(
                f"{type(self).__name__}: a field needs to be computed from d.t and d.x, got values of shape {tuple(u.shape)}, which do not depend on them; "
                "their derivative would silently be zero, pass a function of the provider instead."
            )

    def _lift_tensor(self, values: Tensor) -> Tensor:
        if values.ndim > 1:
            raise TypeError(
                f"{type(self).__name__}: a coefficient that varies in space needs to be a callable of the provider, got values of shape "
                f"{tuple(values.shape)}; their derivative would silently be zero."
            )
        return super()._lift_tensor(values)
