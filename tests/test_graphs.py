from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from neuralpde.graphs import Graph, NearestNeighbours, PeriodicNeighbours, Radius
from neuralpde.grids import Grid, PointSet


def distances(domain: Grid | PointSet) -> np.ndarray:
    """All pairs, by trying every image of every point."""
    points, lengths = domain.points().numpy(), np.array(domain.lengths)
    shifts = [(-1, 0, 1) if p else (0,) for p in domain.periodic]
    images = [points + lengths * np.array(s) for s in itertools.product(*shifts)]
    return np.min([np.linalg.norm(points[:, None] - image[None], axis=-1) for image in images], axis=0)


def edges(graph: Graph) -> set[tuple[int, int]]:
    pairs = list(zip(graph.source.tolist(), graph.target.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    return set(pairs)


def check_invariants(graph: Graph, domain: Grid | PointSet) -> None:
    assert (graph.target.diff() >= 0).all()
    assert (graph.source != graph.target).all()
    unit = max(domain.lengths)
    lengths = graph.displacement.norm(dim=1).numpy() * unit
    np.testing.assert_allclose(lengths, distances(domain)[graph.target, graph.source], atol=1e-12)
    torch.testing.assert_close(graph.position * unit + torch.tensor(domain.lower, dtype=torch.float64), domain.points())
    # Up to a whole period on periodic axes, the displacement is the difference of the positions.
    wraps = (graph.position[graph.target] - graph.position[graph.source] - graph.displacement) * unit / torch.tensor(domain.lengths)
    torch.testing.assert_close(wraps, wraps.round(), rtol=0, atol=1e-12)
    assert (wraps[:, ~torch.tensor(domain.periodic)].abs() < 1e-12).all()


GRIDS = [
    Grid((11,), -1.0, 3.0),
    Grid((11,), periodic=False),
    Grid((9,), periodic=False, nodes="chebyshev"),
    Grid((7, 8), (0.0, 1.0), (1.0, 4.0), (True, False)),
    Grid((7, 8, 9), periodic=(False, True, True)),
]
CLOUDS = [
    PointSet(torch.rand(60, ndim, generator=torch.Generator().manual_seed(ndim), dtype=torch.float64) * 2 - 1, -1.0, 1.0, periodic)
    for ndim in (1, 2, 3)
    for periodic in (True, False)
]


@pytest.mark.parametrize("periodic", [True, False])
def test_points_on_a_line_are_numbered_from_left_to_right(periodic: bool) -> None:
    grid = Grid((11,), -1.0, 3.0, periodic)
    shuffled = torch.randperm(11, generator=torch.Generator().manual_seed(0))
    points = PointSet(grid.points()[shuffled], -1.0, 3.0, periodic)
    ours, expected = PeriodicNeighbours(3)(points), PeriodicNeighbours(3)(grid)
    check_invariants(ours, points)
    edges = {(int(shuffled[i]), int(shuffled[j])) for i, j in zip(ours.source, ours.target, strict=True)}
    assert edges == {(int(i), int(j)) for i, j in zip(expected.source, expected.target, strict=True)}


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("reach", [1, 2, 3])
def test_index_neighbours_equal_brute_force(grid: Grid, reach: int) -> None:
    graph = PeriodicNeighbours(reach)(grid)
    check_invariants(graph, grid)
    index = np.stack(np.unravel_index(np.arange(grid.num_points), grid.shape), axis=-1)
    gap = np.abs(index[:, None] - index[None])
    gap = np.where(grid.periodic, np.minimum(gap, np.array(grid.shape) - gap), gap)
    squared = (gap**2).sum(-1)
    expected = {(s, t) for s, t in np.argwhere((squared > 0) & (squared <= reach**2)).tolist()}
    assert edges(graph) == expected


def test_published_edge_counts() -> None:
    """Reach 3 on 100 nodes: 6 neighbours each on the circle, 12 edges fewer on the segment."""
    assert PeriodicNeighbours(3)(Grid((100,), 0.0, 16.0)).num_edges == 600
    assert PeriodicNeighbours(3)(Grid((100,), 0.0, 16.0, periodic=False)).num_edges == 588


@pytest.mark.parametrize("domain", CLOUDS + GRIDS[3:])
def test_nearest_neighbours_equal_brute_force(domain: Grid | PointSet) -> None:
    graph = NearestNeighbours(4)(domain)
    check_invariants(graph, domain)
    assert graph.in_degree == 4
    d = distances(domain)
    np.fill_diagonal(d, np.inf)
    found = np.sort(d[graph.target, graph.source].reshape(-1, 4), axis=1)
    np.testing.assert_allclose(found, np.sort(d, axis=1)[:, :4], atol=1e-12)  # ties may be broken either way


@pytest.mark.parametrize("domain", CLOUDS)
def test_radius_equals_brute_force(domain: PointSet) -> None:
    graph = Radius(0.45)(domain)
    check_invariants(graph, domain)
    d = distances(domain)
    np.fill_diagonal(d, np.inf)
    assert edges(graph) == {(s, t) for s, t in np.argwhere(d <= 0.45).tolist()}


@pytest.mark.parametrize("n", [33, 50, 100, 200])
def test_radius_includes_multiples_of_the_spacing(n: int) -> None:
    grid = Grid((n,), 0.0, 16.0)
    assert edges(Radius(3 * grid.spacing[0])(grid)) == edges(PeriodicNeighbours(3)(grid))


def test_coinciding_points_and_points_outside_the_box() -> None:
    points = torch.tensor([[0.1], [0.1], [0.1], [-1e-17], [1.0]], dtype=torch.float64)
    graph = NearestNeighbours(2)(PointSet(points))
    assert (graph.source != graph.target).all()
    assert set(graph.source[graph.target < 3].tolist()) == {0, 1, 2}
    assert graph.displacement.abs().max() < 0.11


def test_more_coinciding_points_than_neighbours() -> None:
    """The search returns three of ten equal points, and a node need not be among its own."""
    points = torch.cat([torch.full((10, 1), 0.5), torch.full((3, 1), 0.1)]).double()
    graph = NearestNeighbours(2)(PointSet(points))
    assert graph.num_edges == 26
    assert (graph.source != graph.target).all()
    assert graph.displacement.abs().max() == 0  # nobody listens across the gap


def test_degrees() -> None:
    regular = PeriodicNeighbours(2)(Grid((12,)))
    assert (regular.in_degree, regular.out_degree) == (4, 4)
    assert (regular.source[regular.by_source].diff() >= 0).all()
    open_ended = PeriodicNeighbours(2)(Grid((12,), periodic=False))
    assert (open_ended.in_degree, open_ended.out_degree) == (None, None)
    assert open_ended.in_degrees.tolist() == [2, 3, *[4] * 8, 3, 2]


def test_moving_keeps_what_was_counted() -> None:
    graph = PeriodicNeighbours(1)(Grid((6,)))
    single = graph.to(dtype=torch.float32)
    assert (single.position.dtype, single.displacement.dtype, single.source.dtype) == (torch.float32, torch.float32, torch.int64)
    assert single.to("cpu", torch.float32) is single
    assert {"in_degree", "out_degree", "by_source", "in_degrees"} <= single.__dict__.keys()
    meta = graph.to("meta")
    assert meta.by_source.device.type == meta.source.device.type == "meta"
    assert meta.in_degree == 2  # known without looking at the tensors


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: PeriodicNeighbours(0), "reach needs to be at least 1, got 0"),
        (lambda: PeriodicNeighbours(3)(Grid((6,))), "reach=3 needs at least 7 points on a periodic axis, got 6 on axis 0; lower reach"),
        (lambda: PeriodicNeighbours(1)(CLOUDS[2]), "expected a grid or points on a line, got points in 2-D; use NearestNeighbours or Radius"),
        (lambda: NearestNeighbours(0), "num_neighbours needs to be at least 1, got 0"),
        (lambda: NearestNeighbours(6)(Grid((6,))), "num_neighbours=6 needs at least 7 points, got 6; lower num_neighbours"),
        (lambda: Radius(-1.0), "radius needs to be positive, got -1.0"),
        (lambda: Radius(0.5)(Grid((6,))), r"radius=0.5 needs to stay below half of the shortest periodic axis \(1.0\); lower the radius"),
        (
            lambda: Graph(torch.zeros(3, 1), torch.zeros(2, dtype=torch.int64), torch.zeros(2, dtype=torch.int64), torch.zeros(3, 1)),
            "expected displacement of shape",
        ),
    ],
)
def test_errors(build, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()
