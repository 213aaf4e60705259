"""Functions that vanish where values are prescribed, so that a network times such a function obeys them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from torch import Tensor, nn

__all__ = ["AnnulusEnvelope", "BallEnvelope", "BoxEnvelope", "Envelope", "ProductEnvelope", "TimeEnvelope"]


class Envelope(nn.Module, ABC):
    """φ(x), smooth, zero exactly where values are prescribed; ``(points, coordinates)`` → ``(points, 1)``."""

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """φ; written in operations that jets understand as well."""

    def gradient(self, x: Tensor) -> Tensor:
        """∇φ, ``(points, coordinates)``, for an expansion of Δ(φ n) by hand."""
        raise TypeError(f"{type(self).__name__}: no gradient in closed form; let the derivative engine differentiate the whole ansatz.")

    def laplacian(self, x: Tensor) -> Tensor | float:
        """Δφ, ``(points, 1)`` or a number."""
        raise TypeError(f"{type(self).__name__}: no Laplacian in closed form; let the derivative engine differentiate the whole ansatz.")


class BallEnvelope(Envelope):
    """R² − |x|², zero on a sphere.

    Args:
        radius: R.
    """

    def __init__(self, radius: float = 1.0) -> None:
        super().__init__()
        self.radius = radius

    def forward(self, x: Tensor) -> Tensor:
        """R² − |x|²."""
        return self.radius**2 - (x * x).sum(-1, keepdim=True)

    def gradient(self, x: Tensor) -> Tensor:
        """−2x."""
        return -2.0 * x

    def laplacian(self, x: Tensor) -> float:
        """−2d."""
        return -2.0 * x.shape[-1]


class AnnulusEnvelope(Envelope):
    """((|x|² − r₀²)(r₁² − |x|²))ᵖ, zero on two spheres; with p = 2 the normal derivative is zero there as well.

    Args:
        inner: r₀.
        outer: r₁.
        power: p, a small integer.
    """

    def __init__(self, inner: float = 1.0, outer: float = 2.0, power: int = 1) -> None:
        super().__init__()
        self.inner, self.outer, self.power = inner, outer, power

    def forward(self, x: Tensor) -> Tensor:
        """The product."""
        square = (x * x).sum(-1, keepdim=True)
        single = (square - self.inner**2) * (self.outer**2 - square)
        result = single
        for _ in range(self.power - 1):
            result = result * single
        return result


class BoxEnvelope(Envelope):
    """Π (x_i − a_i)(b_i − x_i) over the axes of a box, each factor scaled to at most 1.

    Args:
        lower: a.
        upper: b.

    Limits: with time as a further coordinate, only the first axes count, so ``lower`` has one entry per axis of space.
    """

    def __init__(self, lower: Sequence[float], upper: Sequence[float]) -> None:
        super().__init__()
        self.lower, self.upper = tuple(lower), tuple(upper)

    def forward(self, x: Tensor) -> Tensor:
        """The product."""
        factors = [
            (x[..., i : i + 1] - a) * (b - x[..., i : i + 1]) * (4.0 / (b - a) ** 2) for i, (a, b) in enumerate(zip(self.lower, self.upper, strict=True))
        ]
        result = factors[0]
        for factor in factors[1:]:
            result = result * factor
        return result


class TimeEnvelope(Envelope):
    """t, the last coordinate, so that the values at t = 0 are those of the lifting."""

    def forward(self, x: Tensor) -> Tensor:
        """The last coordinate."""
        return x[..., -1:]


class ProductEnvelope(Envelope):
    """φ₁ φ₂ …, zero wherever one of them is: initial and boundary values together.

    Args:
        factors: φᵢ, at least one.

    Raises:
        ValueError: no factor.
    """

    def __init__(self, factors: Sequence[Envelope]) -> None:
        super().__init__()
        if not factors:
            raise ValueError("ProductEnvelope: needs at least one factor, got none; a problem without prescribed values has envelope None.")
        self.factors = nn.ModuleList(factors)

    def forward(self, x: Tensor) -> Tensor:
        """The product."""
        result = self.factors[0](x)
        for factor in list(self.factors)[1:]:
            result = result * factor(x)
        return result
