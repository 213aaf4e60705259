"""Sums over neighbouring coordinates, of which exact solutions in many dimensions are made."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

__all__ = ["Interaction", "ThreeBody", "TwoBody"]


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

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """Q."""

    @abstractmethod
    def radial(self, x: Tensor) -> Tensor:
        """x·∇Q."""

    @abstractmethod
    def laplacian(self, x: Tensor) -> Tensor:
        """ΔQ."""


class TwoBody(Interaction):
    r"""Q = Σ_{i<d} cᵢ sin aᵢ  with  aᵢ = xᵢ + cos xᵢ₊₁ + xᵢ₊₁ cos xᵢ.

    Limits: near the origin aᵢ ≈ 1 + xᵢ + xᵢ₊₁, so in many dimensions, where every |xᵢ| is small, Q is close to Σ cᵢ sin 1 and a constant
    fits it well: judge an error by its ratio to that of the best constant.

    Reference: Hu, Shukla, Karniadakis & Kawaguchi, Tackling the curse of dimensionality with physics-informed neural networks, 2024.
    """

    bodies = 2

    def forward(self, x: Tensor) -> Tensor:
        """Q."""
        return torch.sin(self._angle(x)) @ self.coefficients

    def radial(self, x: Tensor) -> Tensor:
        """x·∇Q, term by term cᵢ cos aᵢ (xᵢ ∂ᵢaᵢ + xᵢ₊₁ ∂ᵢ₊₁aᵢ)."""
        first, second = self._slopes(x)
        return (torch.cos(self._angle(x)) * (x[:, :-1] * first + x[:, 1:] * second)) @ self.coefficients

    def laplacian(self, x: Tensor) -> Tensor:
        """ΔQ, term by term cᵢ(cos aᵢ Δaᵢ − sin aᵢ |∇aᵢ|²)."""
        angle = self._angle(x)
        first, second = self._slopes(x)
        curvature = -x[:, 1:] * torch.cos(x[:, :-1]) - torch.cos(x[:, 1:])
        return (torch.cos(angle) * curvature - torch.sin(angle) * (first.square() + second.square())) @ self.coefficients

    def _angle(self, x: Tensor) -> Tensor:
        left, right = x[:, :-1], x[:, 1:]
        return left + torch.cos(right) + right * torch.cos(left)

    def _slopes(self, x: Tensor) -> tuple[Tensor, Tensor]:
        left, right = x[:, :-1], x[:, 1:]
        return 1 - right * torch.sin(left), torch.cos(left) - torch.sin(right)


class ThreeBody(Interaction):
    r"""Q = Σ_{i<d−1} cᵢ exp(xᵢ xᵢ₊₁ xᵢ₊₂).

    Limits: in many dimensions Q is a constant up to O(d^{−3/2}); from 10,000 dimensions on single precision cannot tell them apart.

    Reference: as :class:`TwoBody`. The inner derivatives of the exponential are missing in the forcing of several public programs; here they are not.
    """

    bodies = 3

    def forward(self, x: Tensor) -> Tensor:
        """Q."""
        return torch.exp(self._product(x)) @ self.coefficients

    def radial(self, x: Tensor) -> Tensor:
        """x·∇Q = 3 Σ cᵢ p exp p with p the product, which is homogeneous of degree 3."""
        product = self._product(x)
        return 3.0 * (product * torch.exp(product)) @ self.coefficients

    def laplacian(self, x: Tensor) -> Tensor:
        """ΔQ = Σ cᵢ exp(p) |∇p|²."""
        a, b, c = (x[:, i : x.shape[1] - 2 + i] for i in range(3))
        slopes = (b * c).square() + (a * c).square() + (a * b).square()
        return (slopes * torch.exp(a * b * c)) @ self.coefficients

    def _product(self, x: Tensor) -> Tensor:
        return x[:, :-2] * x[:, 1:-1] * x[:, 2:]
