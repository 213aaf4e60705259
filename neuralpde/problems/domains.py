"""Domains of boundary value problems: uniform points inside and on the boundary, and functions that vanish there."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["Annulus", "Ball", "Box", "Domain"]


class Domain(ABC):
    """A bounded set in ``ndim`` dimensions.

    Points are ``(points, ndim)``, drawn on the CPU in float64 and returned in ``dtype``, so that they do not depend on the device.
    """

    ndim: int

    @abstractmethod
    def sample(self, num_points: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        """Independent points inside, uniform in volume unless the domain says otherwise, ``(points, ndim)``."""

    @abstractmethod
    def sample_boundary(self, num_points: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        """Independent points on the boundary, uniform in surface, ``(points, ndim)``."""

    @abstractmethod
    def contains(self, x: Tensor) -> Tensor:
        """Whether each point lies inside or on the boundary, ``(points,)``."""

    @property
    @abstractmethod
    def bounds(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Lower and upper corner of the smallest box around the domain."""


class Ball(Domain):
    r"""|x| ≤ R.

    Args:
        ndim: dimension, at least 1.
        radius: R > 0.
        radial_power: k of the law of the radius, r = R U^{1/k} with U uniform in [0, 1). None means k = ``ndim``, uniform in volume, for which
            in 100 dimensions half of all points have r > 0.993. k = 1 is the law of the published runs in many dimensions.

    Raises:
        ValueError: no dimension, radius or power.
    """

    def __init__(self, ndim: int, radius: float = 1.0, *, radial_power: float | None = None) -> None:
        power = float(ndim) if radial_power is None else radial_power
        if ndim < 1 or radius <= 0 or power <= 0:
            raise ValueError(f"Ball: needs ndim >= 1, radius > 0 and radial_power > 0, got {ndim}, {radius} and {radial_power}; correct the domain.")
        self.ndim, self.radius, self.radial_power = ndim, radius, power

    def sample(self, num_points: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        """r ξ/|ξ| with ξ standard normal and r of the law ``radial_power``."""
        directions = _unit_vectors(num_points, self.ndim, generator, dtype)
        radius = self.radius * torch.rand(num_points, 1, generator=generator, dtype=torch.float64) ** (1.0 / self.radial_power)
        return directions.mul_(radius.to(dtype))  # in place: in a million dimensions a copy takes hundreds of megabytes

    def sample_boundary(self, num_points: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        """R ξ/|ξ|."""
        return self.radius * _unit_vectors(num_points, self.ndim, generator, dtype)

    def contains(self, x: Tensor) -> Tensor:
        """|x| ≤ R, up to round-off."""
        return x.norm(dim=-1) <= self.radius * (1 + 1e-6)

    @property
    def bounds(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The cube of half-width R."""
        return (-self.radius,) * self.ndim, (self.radius,) * self.ndim


class Annulus(Domain):
    r"""r₀ ≤ |x| ≤ r₁, in any dimension.

    Args:
        ndim: dimension.
        inner: r₀ > 0.
        outer: r₁ > r₀.

    Raises:
        ValueError: radii out of order.
    """

    def __init__(self, ndim: int, inner: float = 1.0, outer: float = 2.0) -> None:
        if not 0 < inner < outer or ndim < 1:
            raise ValueError(f"Annulus: needs 0 < inner < outer and ndim >= 1, got {inner}, {outer} and {ndim}; correct the radii.")
        self.ndim, self.inner, self.outer = ndim, inner, outer

    def sample(self, num_points: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        """Uniform in volume: rᵈ is uniform between r₀ᵈ and r₁ᵈ; powers relative to r₁, so that they do not overflow."""
        directions = _unit_vectors(num_points, self.ndim, generator, dtype)
        lowest = (self.inner / self.outer) ** self.ndim
        uniform = torch.rand(num_points, 1, generator=generator, dtype=torch.float64)
        return (self.outer * (lowest + (1 - lowest) * uniform) ** (1.0 / self.ndim)).to(dtype) * directions

    def sample_boundary(self, num_points: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        """Half of the points, in the mean, on each sphere, since both carry a condition."""
        directions = _unit_vectors(num_points, self.ndim, generator, dtype)
        outside = torch.rand(num_points, 1, generator=generator, dtype=torch.float64) < 0.5
        return torch.where(outside, self.outer, self.inner).to(dtype) * directions

    def contains(self, x: Tensor) -> Tensor:
        """Between both spheres, up to round-off."""
        radius = x.norm(dim=-1)
        return (radius >= self.inner * (1 - 1e-6)) & (radius <= self.outer * (1 + 1e-6))

    @property
    def bounds(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The cube of half-width r₁."""
        return (-self.outer,) * self.ndim, (self.outer,) * self.ndim


class Box(Domain):
    """An axis-parallel box.

    Args:
        lower: lower corner.
        upper: upper corner, above it on every axis.

    Raises:
        ValueError: corners out of order.
    """

    def __init__(self, lower: Sequence[float], upper: Sequence[float]) -> None:
        if len(lower) != len(upper) or not lower or not all(a < b for a, b in zip(lower, upper, strict=True)):
            raise ValueError(f"Box: needs lower < upper on every axis, got {tuple(lower)} and {tuple(upper)}; correct the corners.")
        self.ndim, self.lower, self.upper = len(lower), tuple(map(float, lower)), tuple(map(float, upper))

    def sample(self, num_points: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        """Uniform."""
        return self.from_unit(torch.rand(num_points, self.ndim, generator=generator, dtype=torch.float64)).to(dtype)

    def from_unit(self, unit: Tensor) -> Tensor:
        """Points of the unit cube, stretched."""
        lower, upper = (torch.tensor(corner, dtype=unit.dtype, device=unit.device) for corner in (self.lower, self.upper))
        return lower + (upper - lower) * unit

    def sample_boundary(self, num_points: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        """Faces are chosen in proportion to their area."""
        unit = torch.rand(num_points, self.ndim, generator=generator, dtype=torch.float64)
        widths = torch.tensor(self.upper, dtype=torch.float64) - torch.tensor(self.lower, dtype=torch.float64)
        axis = torch.multinomial(1.0 / widths, num_points, replacement=True, generator=generator)
        side = torch.randint(2, (num_points,), generator=generator).double()
        return self.from_unit(unit.scatter(1, axis.unsqueeze(1), side.unsqueeze(1))).to(dtype)

    def contains(self, x: Tensor) -> Tensor:
        """Inside every pair of faces."""
        lower, upper = (torch.tensor(corner, dtype=x.dtype, device=x.device) for corner in (self.lower, self.upper))
        return ((x >= lower) & (x <= upper)).all(dim=-1)

    @property
    def bounds(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Its own corners."""
        return self.lower, self.upper

    @property
    def volume(self) -> float:
        """Product of the widths."""
        return math.prod(b - a for a, b in zip(self.lower, self.upper, strict=True))


def _unit_vectors(num_points: int, ndim: int, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
    # In float32 from the start: in a million dimensions the draw is most of the work, and directions need no more digits.
    vectors = torch.randn(num_points, ndim, generator=generator, dtype=dtype)
    return vectors.div_(vectors.norm(dim=-1, keepdim=True))
