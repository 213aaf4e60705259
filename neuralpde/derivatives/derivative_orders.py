"""Which derivatives of a network the residual of an equation needs."""

from __future__ import annotations

from typing import ClassVar, Protocol

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.derivatives.probe import Probe, ProbeField
from neuralpde.derivatives.taylor import MultiIndex

__all__ = ["HasResidual", "derivative_orders"]


class HasResidual(Protocol):
    """What is needed of an equation: the names of its channels, and the residual."""

    fields: ClassVar[tuple[str, ...]]
    """Names of the channels."""

    def residual(self, u: Field, d: Derivatives) -> Field:
        """Zero on a solution."""
        ...


class _Operands(Probe):
    """A probe that also records what non-local operators are applied to: a network evaluates those too."""

    def __init__(self, ndim: int, fields: tuple[str, ...]) -> None:
        super().__init__(ndim, fields)
        self.orders: set[MultiIndex] = set()

    def solve_poisson(self, f: Field) -> Field:
        """A new leaf, to be differentiated twice in its defect."""
        self.orders |= {index for _, index in getattr(f, "indices", ())}
        leaf = super().solve_poisson(f)
        for axis in range(self.ndim):
            self.orders |= {index for _, index in self.dx(leaf, axis, 2).indices}
        return leaf


def derivative_orders(equation: HasResidual, ndim: int, *, timed: bool) -> set[MultiIndex]:
    """Multi-indices (t, x₁, …) of the derivatives that a residual contains, and at least all first ones.

    Args:
        equation: run once on a probe.
        ndim: space dimension.
        timed: whether fields depend on time.
    """
    probe = _Operands(ndim, equation.fields)
    residual = equation.residual(probe.state(), probe)
    orders = probe.orders | {index for _, index in (residual.indices if isinstance(residual, ProbeField) else ())}
    first = range(0 if timed else 1, ndim + 1)
    return orders | {tuple(int(axis == other) for other in range(ndim + 1)) for axis in first}
