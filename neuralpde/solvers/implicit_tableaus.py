"""Diagonally implicit Runge–Kutta methods as data."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ESDIRK32", "IMPLICIT_EULER", "ImplicitTableau"]


@dataclass(frozen=True)
class ImplicitTableau:
    r"""Butcher tableau  Yᵢ = u + h Σⱼ aᵢⱼ f(Yⱼ), j ≤ i, of a stiffly accurate method: the last stage is the new state.

    Args:
        order: order of accuracy.
        nodes: cᵢ.
        stages: rows aᵢⱼ, j ≤ i; the first row is (0,) for a method that starts with an explicit stage. All other diagonal entries agree.
        error_weights: bᵢ − b̂ᵢ of the embedded method of order one less; empty if there is none.

    Raises:
        ValueError: the rows do not have one entry more each.
    """

    order: int
    nodes: tuple[float, ...]
    stages: tuple[tuple[float, ...], ...]
    error_weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        rows = tuple(len(row) for row in self.stages)
        if rows != tuple(range(1, len(self.nodes) + 1)) or len(self.error_weights) not in (0, len(self.nodes)):
            raise ValueError(f"ImplicitTableau: {len(self.nodes)} nodes need rows of 1..{len(self.nodes)} entries, got {rows}; correct the tableau.")

    @property
    def gamma(self) -> float:
        """The diagonal entry of the implicit stages."""
        return self.stages[-1][-1]


IMPLICIT_EULER = ImplicitTableau(1, (1.0,), ((1.0,),))
"""Backward Euler, L-stable, order 1."""

_GAMMA = 1767732205903 / 4055673282236
_WEIGHTS = (1471266399579 / 7840856788654, -4482444167858 / 7529755066697, 11266239266428 / 11593286722821, _GAMMA)
_EMBEDDED = (2756255671327 / 12835298489170, -10771552573575 / 22201958757719, 9247589265047 / 10645013368117, 2193209047091 / 5459859503100)

ESDIRK32 = ImplicitTableau(
    3,
    (0.0, 2 * _GAMMA, 0.6, 1.0),
    ((0.0,), (_GAMMA, _GAMMA), (2746238789719 / 10658868560708, -640167445237 / 6845629431997, _GAMMA), _WEIGHTS),
    tuple(b - b_hat for b, b_hat in zip(_WEIGHTS, _EMBEDDED, strict=True)),
)
"""Implicit part of ARK3(2)4L[2]SA of Kennedy & Carpenter (2003): order 3, L-stable, stiffly accurate, stage order 2, with an embedded method of order 2."""
