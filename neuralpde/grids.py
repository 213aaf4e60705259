"""Where a field lives: tensor-product grids and unordered point sets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

__all__ = ["Grid", "PointSet"]

Nodes = Literal["uniform", "chebyshev"]


def _per_axis(value: Any, ndim: int, name: str) -> tuple[Any, ...]:
    values = (value,) * ndim if isinstance(value, float | int | str) else tuple(value)
    if len(values) != ndim:
        raise ValueError(f"Grid: {name} needs one entry per axis ({ndim}), got {len(values)}; give a single value or {ndim}.")
    return values


@dataclass(frozen=True, init=False)
class Grid:
    r"""Tensor-product grid on the box ∏ [lowerᵢ, upperᵢ].

    Nodes of axis i, with length L and n points:

    * uniform and periodic: ``lower + L j / n`` — the right end is the left one and is **excluded**;
    * uniform and bounded: ``lower + L j / (n - 1)`` — both ends are included;
    * chebyshev (bounded): ``(lower + upper)/2 - L/2 cos(π j / (n - 1))`` — extremal nodes, both ends included, ascending.

    Args:
        shape: points per axis.
        lower: left ends; one number serves every axis.
        upper: right ends.
        periodic: whether the axis closes on itself.
        nodes: distribution of the nodes.

    Raises:
        ValueError: an axis with fewer than two points, an empty interval, or a periodic Chebyshev axis.
    """

    shape: tuple[int, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    periodic: tuple[bool, ...]
    nodes: tuple[Nodes, ...]

    def __init__(
        self,
        shape: Sequence[int] | int,
        lower: Sequence[float] | float = 0.0,
        upper: Sequence[float] | float = 1.0,
        periodic: Sequence[bool] | bool = True,
        nodes: Sequence[Nodes] | Nodes = "uniform",
    ) -> None:
        object.__setattr__(self, "shape", (shape,) if isinstance(shape, int) else tuple(int(n) for n in shape))
        object.__setattr__(self, "lower", tuple(float(a) for a in _per_axis(lower, self.ndim, "lower")))
        object.__setattr__(self, "upper", tuple(float(b) for b in _per_axis(upper, self.ndim, "upper")))
        object.__setattr__(self, "periodic", tuple(bool(p) for p in _per_axis(periodic, self.ndim, "periodic")))
        object.__setattr__(self, "nodes", _per_axis(nodes, self.ndim, "nodes"))
        for axis in range(self.ndim):
            self._check_axis(axis)

    def _check_axis(self, axis: int) -> None:
        if self.shape[axis] < 2:
            raise ValueError(f"Grid: axis {axis} needs at least 2 points, got {self.shape[axis]}; refine the grid.")
        if not self.upper[axis] > self.lower[axis]:
            raise ValueError(f"Grid: axis {axis} needs upper > lower, got [{self.lower[axis]}, {self.upper[axis]}]; swap the ends.")
        if self.nodes[axis] not in ("uniform", "chebyshev"):
            raise ValueError(f"Grid: axis {axis} expects nodes 'uniform' or 'chebyshev', got {self.nodes[axis]!r}; choose one of them.")
        if self.periodic[axis] and not self.uniform[axis]:
            raise ValueError(f"Grid: axis {axis} is periodic and needs uniform nodes, got {self.nodes[axis]!r}; set periodic=False.")

    @property
    def ndim(self) -> int:
        """Number of space axes."""
        return len(self.shape)

    @property
    def uniform(self) -> tuple[bool, ...]:
        """Whether the nodes of each axis are evenly spaced; otherwise they are Chebyshev's."""
        return tuple(nodes == "uniform" for nodes in self.nodes)

    @property
    def num_points(self) -> int:
        """Number of nodes, the product of ``shape``."""
        return math.prod(self.shape)

    @property
    def lengths(self) -> tuple[float, ...]:
        """Length of every axis."""
        return tuple(b - a for a, b in zip(self.lower, self.upper, strict=True))

    @property
    def spacing(self) -> tuple[float, ...]:
        """Distance of neighbouring nodes per axis; for Chebyshev nodes the smallest one."""
        return tuple(self._spacing(axis) for axis in range(self.ndim))

    def _spacing(self, axis: int) -> float:
        n, length = self.shape[axis], self.lengths[axis]
        if not self.uniform[axis]:
            return length / 2 * (1 - math.cos(math.pi / (n - 1)))
        return length / (n if self.periodic[axis] else n - 1)

    def coordinates(self, axis: int = 0, *, device: torch.device | str | None = None, dtype: torch.dtype = torch.float64) -> Tensor:
        """Nodes of one axis, ascending, shape ``(n,)``."""
        n, lower, length = self.shape[axis], self.lower[axis], self.lengths[axis]
        index = torch.arange(n, device=device, dtype=torch.float64)
        if not self.uniform[axis]:
            return (lower + length * torch.sin(math.pi / 2 * index / (n - 1)) ** 2).to(dtype)
        return (lower + self._spacing(axis) * index).to(dtype)

    def mesh(self, *, device: torch.device | str | None = None, dtype: torch.dtype = torch.float64) -> tuple[Tensor, ...]:
        """Coordinates of every node, one tensor of shape ``(*space)`` per axis."""
        return torch.meshgrid(*(self.coordinates(a, device=device, dtype=dtype) for a in range(self.ndim)), indexing="ij")

    def points(self, *, device: torch.device | str | None = None, dtype: torch.dtype = torch.float64) -> Tensor:
        """Coordinates of every node as a list, shape ``(num_points, ndim)``, last axis fastest."""
        return torch.stack([x.reshape(-1) for x in self.mesh(device=device, dtype=dtype)], dim=-1)

    def wavenumbers(self, axis: int = 0, *, half: bool = False, device: torch.device | str | None = None) -> Tensor:
        r"""Angular wavenumbers 2π m / L of a periodic axis in FFT order, shape ``(n,)``, or ``(n//2 + 1,)`` for ``half``."""
        if not self.periodic[axis]:
            raise ValueError(f"Grid.wavenumbers: axis {axis} needs to be periodic, got a bounded axis; use another derivative provider.")
        frequencies = torch.fft.rfftfreq if half else torch.fft.fftfreq
        return 2 * math.pi * frequencies(self.shape[axis], d=self._spacing(axis), device=device, dtype=torch.float64)

    def weights(self, axis: int = 0, *, device: torch.device | str | None = None) -> Tensor:
        """Quadrature weights of one axis, shape ``(n,)``, with sum L: equal (periodic), trapezoidal (bounded) or Clenshaw–Curtis."""
        n, length = self.shape[axis], self.lengths[axis]
        if not self.uniform[axis]:
            return _clenshaw_curtis(n).to(device) * length / 2
        weights = torch.full((n,), self._spacing(axis), device=device, dtype=torch.float64)
        if not self.periodic[axis]:
            weights[0] *= 0.5
            weights[-1] *= 0.5
        return weights

    def resized(self, shape: Sequence[int] | int) -> Grid:
        """The same box with another number of points per axis."""
        shape = (shape,) * self.ndim if isinstance(shape, int) else tuple(shape)
        return Grid(shape, self.lower, self.upper, self.periodic, self.nodes)


def _clenshaw_curtis(n: int) -> Tensor:
    """Weights on [-1, 1] at n extremal Chebyshev nodes, exact for polynomials of degree n - 1."""
    last = n - 1
    angles = math.pi * torch.arange(n, dtype=torch.float64) / last
    weights = torch.ones(n, dtype=torch.float64)
    for k in range(1, last // 2 + 1):
        factor = 1.0 if 2 * k == last else 2.0
        weights -= factor / (4 * k * k - 1) * torch.cos(2 * k * angles)
    weights *= 2.0 / last
    weights[0] /= 2
    weights[-1] /= 2
    return weights


@dataclass(frozen=True, eq=False, init=False)
class PointSet:
    """Unordered points in a box: irregular meshes, or a grid with nodes removed.

    A field on a point set has one space axis, ``(batch, channel, points)``.

    Args:
        coordinates: positions, shape ``(points, ndim)``.
        lower: left ends of the box.
        upper: right ends of the box.
        periodic: which axes close on themselves.
    """

    coordinates: Tensor
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    periodic: tuple[bool, ...]

    def __init__(
        self,
        coordinates: Tensor,
        lower: Sequence[float] | float = 0.0,
        upper: Sequence[float] | float = 1.0,
        periodic: Sequence[bool] | bool = True,
    ) -> None:
        if coordinates.ndim != 2:
            raise ValueError(f"PointSet: coordinates need shape (points, ndim), got {tuple(coordinates.shape)}; add the missing axis.")
        object.__setattr__(self, "coordinates", coordinates)
        object.__setattr__(self, "lower", tuple(float(a) for a in _per_axis(lower, self.ndim, "lower")))
        object.__setattr__(self, "upper", tuple(float(b) for b in _per_axis(upper, self.ndim, "upper")))
        object.__setattr__(self, "periodic", tuple(bool(p) for p in _per_axis(periodic, self.ndim, "periodic")))

    @property
    def ndim(self) -> int:
        """Dimension of the space the points lie in."""
        return self.coordinates.shape[1]

    @property
    def shape(self) -> tuple[int]:
        """Shape of a field on the points, ``(points,)``."""
        return (self.coordinates.shape[0],)

    @property
    def num_points(self) -> int:
        """Number of points."""
        return self.coordinates.shape[0]

    @property
    def lengths(self) -> tuple[float, ...]:
        """Length of the box along every axis."""
        return tuple(b - a for a, b in zip(self.lower, self.upper, strict=True))

    def points(self, *, device: torch.device | str | None = None, dtype: torch.dtype = torch.float64) -> Tensor:
        """Positions, shape ``(points, ndim)``."""
        return self.coordinates.to(device=device, dtype=dtype)
