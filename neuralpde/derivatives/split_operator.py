"""What the providers ask of an equation, so that this layer need not know any."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from neuralpde.derivatives.base import Derivatives, Field

__all__ = ["SplitOperator"]


class SplitOperator(Protocol):
    """Anything with channels, a linear and a nonlinear part, and coefficients that can be lifted: an equation."""

    fields: ClassVar[tuple[str, ...]]
    """Names of the channels."""

    def on(self, d: Derivatives) -> Any:
        """A copy with lifted coefficients."""
        ...

    def linear(self, u: Field, d: Derivatives) -> Field:
        """The part linear in ``u``."""
        ...

    def nonlinear(self, u: Field, d: Derivatives) -> Field:
        """The rest."""
        ...
