"""Exponential Runge–Kutta methods as data."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ETDRK1", "ETDRK2", "ETDRK3", "ETDRK4", "ExponentialTableau", "Phi"]

Phi = tuple[tuple[float, int, float], ...]
"""A combination Σ w φₖ(cz), as triples (w, k, c)."""


@dataclass(frozen=True)
class ExponentialTableau:
    r"""Coefficients of  Yᵢ = e^{cᵢz} u + h Σⱼ aᵢⱼ(z) N(t + cⱼh, Yⱼ),  u⁺ = e^z u + h Σ bᵢ(z) N(t + cᵢh, Yᵢ)  with z = hL.

    Args:
        order: order of accuracy.
        nodes: cᵢ.
        stages: rows aᵢⱼ, j < i, each entry a combination of φ-functions (empty for zero).
        weights: bᵢ.
    """

    order: int
    nodes: tuple[float, ...]
    stages: tuple[tuple[Phi, ...], ...]
    weights: tuple[Phi, ...]


_PHI1: Phi = ((1.0, 1, 1.0),)
_HALF: Phi = ((0.5, 1, 0.5),)
_LAST: Phi = ((-1.0, 2, 1.0), (4.0, 3, 1.0))
_FIRST: Phi = ((1.0, 1, 1.0), (-3.0, 2, 1.0), (4.0, 3, 1.0))

ETDRK1 = ExponentialTableau(1, (0.0,), ((),), (_PHI1,))
"""Exponential Euler."""

ETDRK2 = ExponentialTableau(2, (0.0, 1.0), ((), (_PHI1,)), (((1.0, 1, 1.0), (-1.0, 2, 1.0)), ((1.0, 2, 1.0),)))
"""Cox & Matthews (2002), eq. 22."""

ETDRK3 = ExponentialTableau(
    3,
    (0.0, 0.5, 1.0),
    ((), (_HALF,), (((-1.0, 1, 1.0),), ((2.0, 1, 1.0),))),
    (_FIRST, ((4.0, 2, 1.0), (-8.0, 3, 1.0)), _LAST),
)
"""Cox & Matthews (2002), eqs. 23–25."""

_MIDDLE: Phi = ((2.0, 2, 1.0), (-4.0, 3, 1.0))

ETDRK4 = ExponentialTableau(
    4,
    (0.0, 0.5, 0.5, 1.0),
    # The entry φ₁(z/2)(e^{z/2} − 1)/2 of the paper equals φ₁(z) − φ₁(z/2).
    ((), (_HALF,), ((), _HALF), (((1.0, 1, 1.0), (-1.0, 1, 0.5)), (), ((1.0, 1, 0.5),))),
    (_FIRST, _MIDDLE, _MIDDLE, _LAST),
)
"""Cox & Matthews (2002), eqs. 26–29; Kassam & Trefethen (2005) give it the contour integral."""
