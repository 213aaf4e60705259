"""Explicit Runge–Kutta methods as data."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BOGACKI_SHAMPINE", "DORMAND_PRINCE", "EULER", "HEUN", "RK4", "SSPRK3", "SSPRK3_FORWARD", "Tableau"]


@dataclass(frozen=True)
class Tableau:
    r"""Butcher tableau of an explicit method:  Yᵢ = u + h Σⱼ aᵢⱼ f(t + cⱼh, Yⱼ),  u⁺ = u + h Σ bᵢ f(t + cᵢh, Yᵢ).

    Args:
        order: order of accuracy of u⁺.
        nodes: cᵢ.
        stages: rows aᵢⱼ, j < i; the first row is empty.
        weights: bᵢ.
        error_weights: bᵢ − b̂ᵢ, whose combination estimates the error of the embedded method; empty if there is none.
        courant: largest number max|f′| h/Δx at which linear advection is stable with the upwind part of WENO5.

    Raises:
        ValueError: the lengths disagree.
    """

    order: int
    nodes: tuple[float, ...]
    stages: tuple[tuple[float, ...], ...]
    weights: tuple[float, ...]
    error_weights: tuple[float, ...] = ()
    courant: float = 1.0

    def __post_init__(self) -> None:
        num = len(self.nodes)
        rows = tuple(len(row) for row in self.stages)
        if rows != tuple(range(num)) or len(self.weights) != num or len(self.error_weights) not in (0, num):
            raise ValueError(f"Tableau: {num} nodes need rows of 0..{num - 1} entries and {num} weights, got rows {rows} and {len(self.weights)} weights.")

    @property
    def first_same_as_last(self) -> bool:
        """Whether the last stage is the first of the next step, so that an accepted step saves one evaluation."""
        return self.stages[-1] == self.weights[:-1] and self.weights[-1] == 0

    @property
    def moves_forward(self) -> bool:
        """Whether the nodes never decrease, so that an integrating factor never runs diffusion backwards."""
        return all(a <= b for a, b in zip(self.nodes, self.nodes[1:], strict=False)) and self.nodes[-1] <= 1


EULER = Tableau(1, (0.0,), ((),), (1.0,))
"""Explicit Euler; unstable for WENO5 at any fixed Courant number, kept for order tests."""

HEUN = Tableau(2, (0.0, 1.0), ((), (1.0,)), (0.5, 0.5), (-0.5, 0.5))
"""Trapezoidal predictor–corrector, order 2, with Euler embedded."""

SSPRK3 = Tableau(3, (0.0, 1.0, 0.5), ((), (1.0,), (0.25, 0.25)), (1 / 6, 1 / 6, 2 / 3), courant=1.43)
"""Shu & Osher (1988), order 3, strong-stability preserving with coefficient 1; its nodes go back, so it takes no diffusive integrating factor."""

SSPRK3_FORWARD = Tableau(3, (0.0, 2 / 3, 2 / 3), ((), (2 / 3,), (2 / 9, 4 / 9)), (0.25, 0.1875, 0.5625), courant=1.43)
"""Isherwood, Grant & Gottlieb (2018), eSSPRK⁺(3,3): order 3, strong-stability preserving with coefficient ¾, nodes that never decrease."""

RK4 = Tableau(4, (0.0, 0.5, 0.5, 1.0), ((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)), (1 / 6, 1 / 3, 1 / 3, 1 / 6), courant=1.73)
"""Kutta's method of order 4."""

BOGACKI_SHAMPINE = Tableau(
    3,
    (0.0, 0.5, 0.75, 1.0),
    ((), (0.5,), (0.0, 0.75), (2 / 9, 1 / 3, 4 / 9)),
    (2 / 9, 1 / 3, 4 / 9, 0.0),
    (2 / 9 - 7 / 24, 1 / 3 - 1 / 4, 4 / 9 - 1 / 3, -1 / 8),
    courant=1.43,
)
"""Bogacki & Shampine (1989), order 3 with an embedded order 2."""

DORMAND_PRINCE = Tableau(
    5,
    (0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0),
    (
        (),
        (1 / 5,),
        (3 / 40, 9 / 40),
        (44 / 45, -56 / 15, 32 / 9),
        (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
        (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
        (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
    ),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0.0),
    (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40),
    courant=1.96,
)
"""Dormand & Prince (1980), order 5 with an embedded order 4."""
