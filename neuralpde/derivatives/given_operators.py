"""A derivative provider that was told what it knows."""

from __future__ import annotations

from torch import Tensor
from typing_extensions import override

from neuralpde.derivatives.base import Derivatives, Field

__all__ = ["GivenOperators"]


class GivenOperators(Derivatives):
    """Provider that knows some derivatives of one field at scattered points, computed beforehand, and refuses everything else.

    Args:
        field: values of the field, ``(1, channel, points)``.
        laplacian: its Laplacian, or independent estimates of it along the batch axis, ``(draws, channel, points)``.
        biharmonic: its biharmonic, in the same way.
        rate: its derivative in time.

    Attributes:
        field: the only tensor that can be differentiated. It is a plain one, so that any function of it is allowed where no derivative is taken.

    Raises:
        TypeError: another derivative or the derivative of another field was asked for, such as of u².
    """

    space_axes = 1

    def __init__(self, field: Tensor, *, laplacian: Tensor | None = None, biharmonic: Tensor | None = None, rate: Tensor | None = None) -> None:
        self.field = field
        self._laplacian, self._biharmonic, self._rate = laplacian, biharmonic, rate

    @override
    def dx(self, u: Field, axis: int = 0, order: int = 1) -> Field:
        """Refused: a whole operator holds no derivative along an axis."""
        raise TypeError(
            f"{type(self).__name__}: knows whole operators only, got a request for ∂^{order} along axis {axis}; differentiate by ReverseMode or TaylorMode."
        )

    @override
    def laplacian(self, u: Field) -> Field:
        """Δu, every draw along the batch axis."""
        return self._known(u, self._laplacian, "the Laplacian")

    @override
    def diffuse(self, diffusivity: Field, u: Field) -> Field:
        """a Δu for a diffusivity that is the same everywhere."""
        if isinstance(diffusivity, Tensor) and diffusivity.ndim > 0 and diffusivity.shape[-1] != 1:
            raise TypeError(
                f"{type(self).__name__}: a diffusivity needs to be constant in space, got shape {tuple(diffusivity.shape)}; "
                "differentiate by ReverseMode or TaylorMode."
            )
        return diffusivity * self.laplacian(u)

    @override
    def biharmonic(self, u: Field) -> Field:
        """Δ²u, every draw along the batch axis."""
        return self._known(u, self._biharmonic, "the biharmonic")

    @override
    def dt(self, u: Field) -> Field:
        """∂u/∂t."""
        return self._known(u, self._rate, "the derivative in time")

    def _known(self, u: Field, value: Tensor | None, name: str) -> Tensor:
        if u is not self.field or value is None:
            raise TypeError(
                f"{type(self).__name__}: needs {name} of the solution, got another field or operator than what was differentiated; "
                "differentiate by ReverseMode or TaylorMode."
            )
        return value
