"""Sums over neighbouring coordinates, of which exact solutions in many dimensions are made."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor, nn

__all__ = ["Interaction", "ThreeBody", "TwoBody"]

TILE = 2**16
"""Numbers per tile: the sums are taken over tiles of points and coordinates, so that intermediate results stay in the cache and need no memory."""

Terms = Callable[[Tensor], tuple[Tensor, ...]]
"""Points ``(points, coordinates)`` → quantities of each term, ``(points, coordinates - bodies + 1)``."""


class Interaction(nn.Module, ABC):
    r"""Q(x) = Σᵢ cᵢ q(xᵢ, xᵢ₊₁, …), with its Laplacian and radial derivative in closed form.

    The coefficients are a buffer, so a checkpoint holds them: two runs can only be compared on the same Q.

    Args:
        ndim: dimension, at least as large as ``bodies``.
        seed: seed of cᵢ ~ N(0, 1).
        coefficients: the cᵢ themselves, ``(ndim - bodies + 1,)``, instead of a seed.

    Shape: points ``(points, ndim)`` → ``(points,)``.

    Raises:
        ValueError: too few dimensions, or a wrong number of coefficients.
    """

    bodies: int
    coefficients: Tensor

    def __init__(self, ndim: int, *, seed: int = 0, coefficients: Tensor | None = None) -> None:
        super().__init__()
        terms = ndim - self.bodies + 1
        if terms < 1:
            raise ValueError(f"{type(self).__name__}: needs at least {self.bodies} dimensions, got {ndim}; raise ndim.")
        if coefficients is None:
            coefficients = torch.randn(terms, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).float()
        if coefficients.shape != (terms,):
            raise ValueError(f"{type(self).__name__}: {ndim} dimensions need {terms} coefficients, got shape {tuple(coefficients.shape)}; give one per term.")
        self.register_buffer("coefficients", coefficients)

    def forward(self, x: Tensor) -> Tensor:
        """Q."""
        return self._sums(x, lambda part: (self.values(part),))[0]

    def expansion(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Q, x·∇Q and ΔQ, which share most of their work."""
        value, radial, laplacian = self._sums(x, self.terms)
        return value, radial, laplacian

    @abstractmethod
    def values(self, x: Tensor) -> Tensor:
        """q of each term, ``(points, ndim)`` → ``(points, ndim - bodies + 1)``."""

    @abstractmethod
    def terms(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """q, x·∇q and Δq of each term, in the shape of :meth:`values`."""

    def _sums(self, x: Tensor, terms: Terms) -> tuple[Tensor, ...]:
        rows = x.split(max(1, TILE // x.shape[1]))
        return tuple(torch.cat(sums) for sums in zip(*(self._sums_of_rows(block, terms) for block in rows), strict=True))

    def _sums_of_rows(self, x: Tensor, terms: Terms) -> list[Tensor]:
        total: list[Tensor] = []
        for start, weights in zip(range(0, len(self.coefficients), TILE), self.coefficients.split(TILE), strict=True):
            sums = [quantity @ weights for quantity in terms(x[:, start : start + len(weights) + self.bodies - 1])]
            total = [a + b for a, b in zip(total, sums, strict=True)] if total else sums
        return total


class TwoBody(Interaction):
    r"""Q = Σ_{i<d} cᵢ sin aᵢ  with  aᵢ = xᵢ + cos xᵢ₊₁ + xᵢ₊₁ cos xᵢ.

    Limits: near the origin aᵢ ≈ 1 + xᵢ + xᵢ₊₁, so in many dimensions, where every |xᵢ| is small, Q is close to Σ cᵢ sin 1 and a constant
    fits it well: judge an error by its ratio to that of the best constant.

    Reference: Hu, Shukla, Karniadakis & Kawaguchi, Tackling the curse of dimensionality with physics-informed neural networks, 2024.
    """

    bodies = 2

    def values(self, x: Tensor) -> Tensor:
        """sin aᵢ."""
        return torch.sin(_angle(x, torch.cos(x)))

    def terms(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """sin aᵢ, cos aᵢ (xᵢ ∂ᵢaᵢ + xᵢ₊₁ ∂ᵢ₊₁aᵢ) and cos aᵢ Δaᵢ − sin aᵢ |∇aᵢ|², where Δaᵢ = xᵢ − aᵢ."""
        sines, cosines = torch.sin(x), torch.cos(x)
        left, right, angle = x[:, :-1], x[:, 1:], _angle(x, cosines)
        first, second = 1 - right * sines[:, :-1], cosines[:, :-1] - sines[:, 1:]
        sine, cosine = torch.sin(angle), torch.cos(angle)
        return sine, cosine * (left * first + right * second), cosine * (left - angle) - sine * (first.square() + second.square())


def _angle(x: Tensor, cosines: Tensor) -> Tensor:
    return x[:, :-1] + cosines[:, 1:] + x[:, 1:] * cosines[:, :-1]


class ThreeBody(Interaction):
    r"""Q = Σ_{i<d−1} cᵢ exp(xᵢ xᵢ₊₁ xᵢ₊₂).

    Limits: in many dimensions Q is a constant up to O(d^{−3/2}); from 10,000 dimensions on single precision cannot tell them apart.

    Reference: as :class:`TwoBody`. The inner derivatives of the exponential are missing in the forcing of several public programs; here they are not.
    """

    bodies = 3

    def values(self, x: Tensor) -> Tensor:
        """exp pᵢ with pᵢ the product."""
        return torch.exp(x[:, :-2] * x[:, 1:-1] * x[:, 2:])

    def terms(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """exp pᵢ, 3 pᵢ exp pᵢ (pᵢ is homogeneous of degree 3) and |∇pᵢ|² exp pᵢ."""
        a, c = x[:, :-2], x[:, 2:]
        pairs = x[:, :-1] * x[:, 1:]
        product = pairs[:, :-1] * c
        value = torch.exp(product)
        slopes = pairs[:, 1:].square() + (a * c).square() + pairs[:, :-1].square()
        return value, 3.0 * product * value, slopes * value
