"""Who listens to whom: directed neighbourhood graphs on grids and point sets."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from scipy.spatial import KDTree
from torch import Tensor

from neuralpde.grids import Grid, PointSet

__all__ = ["Graph", "NearestNeighbours", "PeriodicNeighbours", "Radius", "connect"]


@dataclass(frozen=True, eq=False)
class Graph:
    r"""Directed edges source → target between the nodes of one domain, ordered by target.

    Lengths are in units of L, the longest side of the box, so that a network sees numbers of order one.

    Args:
        position: (x − lower) / L of every node, shape ``(nodes, ndim)``.
        source: node an edge starts from, shape ``(edges,)``.
        target: node an edge ends in, shape ``(edges,)``, ascending.
        displacement: (x_target − x_source) / L, the shortest one on periodic axes, shape ``(edges, ndim)``.

    Raises:
        ValueError: the tensors disagree about the number of edges or of axes.
    """

    position: Tensor
    source: Tensor
    target: Tensor
    displacement: Tensor

    def __post_init__(self) -> None:
        expected = (self.source.shape[0], self.position.shape[1])
        if self.displacement.shape != expected or self.target.shape != self.source.shape:
            raise ValueError(
                f"Graph: expected displacement of shape {expected} and as many targets as sources, got {tuple(self.displacement.shape)} "
                f"and {self.target.shape[0]} targets; give one row for each edge."
            )

    @property
    def num_nodes(self) -> int:
        """Number of nodes."""
        return self.position.shape[0]

    @property
    def num_edges(self) -> int:
        """Number of directed edges."""
        return self.source.shape[0]

    @cached_property
    def in_degrees(self) -> Tensor:
        """Edges that end in each node, shape ``(nodes,)``."""
        return torch.bincount(self.target, minlength=self.num_nodes)

    @cached_property
    def in_degree(self) -> int | None:
        """Edges that end in a node if that number is the same everywhere, else None."""
        return _constant(self.in_degrees)

    @cached_property
    def out_degree(self) -> int | None:
        """Edges that start from a node if that number is the same everywhere, else None."""
        return _constant(torch.bincount(self.source, minlength=self.num_nodes))

    @cached_property
    def by_source(self) -> Tensor:
        """Edge numbers ordered by source, shape ``(edges,)``."""
        return torch.argsort(self.source, stable=True)

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> Graph:
        """The same graph elsewhere; ``dtype`` is that of positions and displacements. Returns itself if nothing changes."""
        position = self.position.to(device=device, dtype=dtype)
        if position is self.position:
            return self
        moved = Graph(position, self.source.to(device), self.target.to(device), self.displacement.to(device=device, dtype=dtype))
        # Hand over what was counted already: counting again on an accelerator would make the host wait for it.
        moved.__dict__.update(in_degree=self.in_degree, out_degree=self.out_degree, in_degrees=self.in_degrees.to(device), by_source=self.by_source.to(device))
        return moved


def _constant(degrees: Tensor) -> int | None:
    low, high = (int(d) for d in degrees.aminmax())
    return low if low == high else None


def connect(domain: Grid | PointSet, source: Tensor, target: Tensor) -> Graph:
    """The graph of given directed edges: sorted by target and measured, around periodic axes the short way.

    Args:
        domain: where the nodes are.
        source: node each edge starts from, shape ``(edges,)``.
        target: node each edge ends in, shape ``(edges,)``.
    """
    target, order = torch.sort(target, stable=True)
    source = source[order]
    points, lengths = domain.points(), torch.tensor(domain.lengths, dtype=torch.float64)
    difference = points[target] - points[source]
    periodic = torch.tensor(domain.periodic)
    difference = torch.where(periodic, difference - lengths * torch.round(difference / lengths), difference)
    unit = max(domain.lengths)
    position = (points - torch.tensor(domain.lower, dtype=torch.float64)) / unit
    return Graph(position, source, target, difference / unit)


@dataclass(frozen=True)
class PeriodicNeighbours:
    r"""Neighbours by index arithmetic: all nodes whose index differs by 0 < ‖k‖₂ ≤ reach. Points on a line are numbered from left to right.

    In 1-D these are the ``reach`` nodes to the left and to the right, in 2-D the 4, 12, 28 nodes of a disc for ``reach`` 1, 2, 3. Periodic axes
    wrap around, so every node has equally many neighbours; at a bounded end the ones outside are left out.

    Args:
        reach: radius in cells, at least 1.

    Raises:
        ValueError: a non-positive reach, a point set in more than one dimension, or a periodic axis so short that a node would meet the same
            neighbour twice.
    """

    reach: int = 3

    def __post_init__(self) -> None:
        if self.reach < 1:
            raise ValueError(f"PeriodicNeighbours: reach needs to be at least 1, got {self.reach}; give the number of cells to each side.")

    def __call__(self, domain: Grid | PointSet) -> Graph:
        """The graph of a grid, or of points on a line."""
        if not isinstance(domain, Grid) and domain.ndim > 1:
            raise ValueError(f"PeriodicNeighbours: expected a grid or points on a line, got points in {domain.ndim}-D; use NearestNeighbours or Radius.")
        for axis, n in enumerate(domain.shape):
            if domain.periodic[axis] and n < 2 * self.reach + 1:
                raise ValueError(
                    f"PeriodicNeighbours: reach={self.reach} needs at least {2 * self.reach + 1} points on a periodic axis, "
                    f"got {n} on axis {axis}; lower reach or refine the grid."
                )
        cube = itertools.product(range(-self.reach, self.reach + 1), repeat=domain.ndim)
        offsets = [k for k in cube if 0 < sum(i * i for i in k) <= self.reach**2]
        source, target = _shifted_pairs(domain.shape, domain.periodic, torch.tensor(offsets))
        if isinstance(domain, Grid):
            return connect(domain, source, target)
        from_left = torch.argsort(domain.points()[:, 0], stable=True)
        return connect(domain, from_left[source], from_left[target])


def _shifted_pairs(counts: tuple[int, ...], wraps: tuple[bool, ...], offsets: Tensor) -> tuple[Tensor, Tensor]:
    """Sources and targets of the edges index → index − offset, for all nodes and offsets ``(degree, ndim)``."""
    index = torch.stack(torch.meshgrid(*(torch.arange(n) for n in counts), indexing="ij"), dim=-1).reshape(-1, 1, len(counts))
    shape, periodic = torch.tensor(counts), torch.tensor(wraps)
    neighbour = index + offsets
    neighbour = torch.where(periodic, neighbour % shape, neighbour)
    inside = ((neighbour >= 0) & (neighbour < shape)).all(-1)
    strides = torch.tensor([math.prod(counts[axis + 1 :]) for axis in range(len(counts))])
    source, target = (neighbour * strides).sum(-1), (index * strides).sum(-1).expand(-1, len(offsets))
    return source[inside], target[inside]


@dataclass(frozen=True)
class NearestNeighbours:
    """Every node listens to its nearest nodes, measured around periodic axes; works on grids and point sets.

    Args:
        num_neighbours: incoming edges of each node, at least 1.

    Limits: the graph is not symmetric in general; of several nodes at equal distance an arbitrary one is taken.

    Raises:
        ValueError: fewer than ``num_neighbours`` + 1 points.
    """

    num_neighbours: int

    def __post_init__(self) -> None:
        if self.num_neighbours < 1:
            raise ValueError(f"NearestNeighbours: num_neighbours needs to be at least 1, got {self.num_neighbours}; give a positive number.")

    def __call__(self, domain: Grid | PointSet) -> Graph:
        """The graph of a domain."""
        n, k = domain.num_points, self.num_neighbours
        if n <= k:
            raise ValueError(f"NearestNeighbours: num_neighbours={k} needs at least {k + 1} points, got {n}; lower num_neighbours.")
        tree = _tree(domain)
        neighbours = np.asarray(tree.query(tree.data, k=k + 1)[1])
        # A node is its own nearest one, except where points coincide: then it may be listed later or not at all.
        oneself = neighbours == np.arange(n)[:, None]
        oneself[~oneself.any(1), -1] = True
        source = torch.from_numpy(neighbours[~oneself].astype(np.int64))
        return connect(domain, source, torch.arange(n).repeat_interleave(k))


@dataclass(frozen=True)
class Radius:
    """Every node listens to all others within a distance, measured around periodic axes; works on grids and point sets.

    Args:
        radius: largest distance in the units of the coordinates, positive. It is widened by a part in 10⁹, so that multiples of the spacing of
            a regular grid count as inside whatever the rounding.

    Limits: a node with nobody around has no edges and receives the message zero.

    Raises:
        ValueError: a non-positive radius, or one of half a periodic axis or more, for which the nearest image is not unique.
    """

    radius: float

    def __post_init__(self) -> None:
        if not self.radius > 0:
            raise ValueError(f"Radius: radius needs to be positive, got {self.radius}; give a distance in units of the coordinates.")

    def __call__(self, domain: Grid | PointSet) -> Graph:
        """The graph of a domain."""
        shortest = np.min(np.asarray(domain.lengths), where=np.asarray(domain.periodic), initial=math.inf)
        if 2 * self.radius >= shortest:
            raise ValueError(f"Radius: radius={self.radius} needs to stay below half of the shortest periodic axis ({shortest}); lower the radius.")
        pairs = torch.from_numpy(_tree(domain).query_pairs(self.radius * (1 + 1e-9), output_type="ndarray").astype(np.int64))
        return connect(domain, torch.cat([pairs[:, 0], pairs[:, 1]]), torch.cat([pairs[:, 1], pairs[:, 0]]))


def _tree(domain: Grid | PointSet) -> KDTree:
    """Search tree that wraps periodic axes; SciPy wants the points inside [0, length) there, and a size of 0 for bounded axes."""
    lengths, periodic = np.asarray(domain.lengths), np.asarray(domain.periodic)
    points = domain.points(device="cpu").numpy() - np.asarray(domain.lower)
    wrapped = np.mod(points, lengths)
    wrapped[wrapped >= lengths] = 0.0  # a tiny negative number modulo L rounds to L itself
    return KDTree(np.where(periodic, wrapped, points), boxsize=np.where(periodic, lengths, 0.0))
