"""The biharmonic equation in an annulus, clamped at both spheres."""

from __future__ import annotations

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.equations import Biharmonic
from neuralpde.problems.base import Problem
from neuralpde.problems.domains import Annulus
from neuralpde.problems.envelopes import AnnulusEnvelope

__all__ = ["ClampedAnnulus"]


class ClampedAnnulus(Problem):
    r"""Δ²u = g in r₀ < |x| < r₁ with u = ∂u/∂n = 0 on both spheres, in any dimension.

    The solution is  u* = p(|x|²) (c₀ + c·x + Σ bᵢ xᵢ xᵢ₊₁)  with  p(s) = ((s − r₀²)(r₁² − s))². For a harmonic polynomial H of degree m,
    Δ(q(s) H) = (4 s q″ + (2d + 4m) q′) H, so the source is exact.

    A single condition u = 0 on each sphere, as in some published runs, does not determine the solution of an equation of order four.

    Args:
        ndim: d ≥ 2.
        inner: r₀.
        outer: r₁.
        seed: of the coefficients, standard normal divided by the root of the number of terms.
    """

    linear: Tensor
    pairs: Tensor
    constant: Tensor

    def __init__(self, ndim: int, *, inner: float = 1.0, outer: float = 2.0, seed: int = 0) -> None:
        super().__init__()
        self.equation = Biharmonic()
        self.domain = Annulus(ndim, inner, outer)
        self.envelope = AnnulusEnvelope(inner, outer, power=2)
        generator = torch.Generator().manual_seed(seed)
        self.register_buffer("constant", torch.randn(1, generator=generator, dtype=torch.float64))
        self.register_buffer("linear", torch.randn(ndim, generator=generator, dtype=torch.float64) / ndim**0.5)
        self.register_buffer("pairs", torch.randn(ndim - 1, generator=generator, dtype=torch.float64) / ndim**0.5)
        a, b = inner**2, outer**2
        single = [-a * b, a + b, -1.0]  # (s − a)(b − s), lowest power first
        self._profile = _product(single, single)

    @override
    def exact(self, x: Tensor) -> Tensor:
        return self._combined(x, [self._profile] * 3)

    @override
    def source(self, x: Tensor) -> Tensor:
        """Δ²u*: the residual of the equation is −Δ²u."""
        d = x.shape[1]
        return self._combined(x, [_radial_laplacian(_radial_laplacian(self._profile, d, m), d, m) for m in range(3)])

    @override
    def baseline(self, x: Tensor) -> Tensor:
        """p."""
        return _evaluate(self._profile, x.square().sum(-1))

    def _combined(self, x: Tensor, profiles: list[list[float]]) -> Tensor:
        """Σ over degrees m of profile_m(|x|²) times the harmonic polynomial of that degree."""
        square = x.square().sum(-1)
        harmonic = [self.constant.to(x), x @ self.linear.to(x), (x[:, :-1] * x[:, 1:]) @ self.pairs.to(x)]
        parts = [_evaluate(profile, square) * polynomial for profile, polynomial in zip(profiles, harmonic, strict=True)]
        return parts[0] + parts[1] + parts[2]


def _product(a: list[float], b: list[float]) -> list[float]:
    result = [0.0] * (len(a) + len(b) - 1)
    for i, left in enumerate(a):
        for j, right in enumerate(b):
            result[i + j] += left * right
    return result


def _radial_laplacian(q: list[float], ndim: int, degree: int) -> list[float]:
    """4 s q″ + (2d + 4m) q′ of a polynomial q(s), lowest power first."""
    return [(4.0 * k * (k - 1) + (2.0 * ndim + 4.0 * degree) * k) * q[k] for k in range(1, len(q))]


def _evaluate(q: list[float], s: Tensor) -> Tensor:
    value = torch.zeros_like(s)
    for coefficient in reversed(q):
        value = value * s + coefficient
    return value
