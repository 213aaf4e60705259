import dataclasses
import math

import pytest
import torch

from neuralpde.grids import Grid, PointSet


def test_periodic_nodes_exclude_the_right_end():
    grid = Grid(4, 0.0, 2.0)
    torch.testing.assert_close(grid.coordinates(), torch.tensor([0.0, 0.5, 1.0, 1.5], dtype=torch.float64))
    assert grid.spacing == (0.5,)


def test_bounded_nodes_include_both_ends():
    grid = Grid(5, -1.0, 1.0, periodic=False)
    torch.testing.assert_close(grid.coordinates(), torch.linspace(-1, 1, 5, dtype=torch.float64))


def test_chebyshev_nodes_are_extremal_and_ascending():
    nodes = Grid(9, -8.0, 8.0, periodic=False, nodes="chebyshev").coordinates()
    expected = -8 * torch.cos(math.pi * torch.arange(9, dtype=torch.float64) / 8)
    torch.testing.assert_close(nodes, expected, rtol=0, atol=1e-14)
    assert (nodes.diff() > 0).all()


def test_mesh_and_points_agree_and_the_last_axis_is_fastest():
    grid = Grid((2, 3), (0.0, 0.0), (2.0, 3.0))
    x, y = grid.mesh()
    assert x.shape == (2, 3)
    torch.testing.assert_close(grid.points(), torch.stack([x.reshape(-1), y.reshape(-1)], -1))
    assert grid.points()[1].tolist() == [0.0, 1.0]


def test_wavenumbers_differentiate_a_mode():
    grid = Grid(16, 0.0, 4.0)
    x = grid.coordinates()
    u = torch.sin(2 * math.pi * 3 * x / 4)
    du = torch.fft.ifft(1j * grid.wavenumbers() * torch.fft.fft(u)).real
    torch.testing.assert_close(du, 2 * math.pi * 3 / 4 * torch.cos(2 * math.pi * 3 * x / 4), rtol=0, atol=1e-12)
    torch.testing.assert_close(grid.wavenumbers(half=True), 2 * math.pi / 4 * torch.arange(9, dtype=torch.float64))


@pytest.mark.parametrize("n", [5, 8, 21])
def test_clenshaw_curtis_is_exact_for_polynomials(n: int):
    grid = Grid(n, -1.0, 3.0, periodic=False, nodes="chebyshev")
    x, weights = grid.coordinates(), grid.weights()
    for degree in range(n):
        exact = (3.0 ** (degree + 1) - (-1.0) ** (degree + 1)) / (degree + 1)
        assert (weights * x**degree).sum().item() == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("grid", [Grid(7, 0.0, 3.0), Grid(7, 0.0, 3.0, periodic=False), Grid(7, 0.0, 3.0, False, "chebyshev")])
def test_weights_sum_to_the_length(grid: Grid):
    assert grid.weights().sum().item() == pytest.approx(3.0)


def test_scalars_serve_every_axis_and_replace_keeps_them():
    grid = Grid((4, 6), upper=2.0)
    assert grid.lower == (0.0, 0.0) and grid.upper == (2.0, 2.0) and grid.periodic == (True, True)
    assert dataclasses.replace(grid, shape=(8, 6)) == grid.resized((8, 6))
    assert grid.num_points == 24 and grid.lengths == (2.0, 2.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"shape": 1}, "axis 0 needs at least 2 points, got 1"),
        ({"shape": 4, "lower": 1.0, "upper": 1.0}, "needs upper > lower"),
        ({"shape": 4, "nodes": "chebyshev"}, "is periodic and needs uniform nodes"),
        ({"shape": 4, "periodic": False, "nodes": "random"}, "expects nodes 'uniform' or 'chebyshev', got 'random'"),
        ({"shape": (4, 4), "lower": (0.0, 0.0, 0.0)}, r"lower needs one entry per axis \(2\), got 3"),
    ],
)
def test_wrong_grids_are_refused(arguments: dict, message: str):
    with pytest.raises(ValueError, match=message):
        Grid(**arguments)


def test_wavenumbers_of_a_bounded_axis_are_refused():
    with pytest.raises(ValueError, match="needs to be periodic"):
        Grid(4, periodic=False).wavenumbers()


def test_point_sets_keep_their_points():
    points = torch.rand(10, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    domain = PointSet(points, 0.0, (1.0, 2.0))
    assert domain.shape == (10,) and domain.ndim == 2 and domain.lengths == (1.0, 2.0)
    assert domain.points(dtype=torch.float32).dtype == torch.float32
    with pytest.raises(ValueError, match=r"coordinates need shape \(points, ndim\)"):
        PointSet(points[:, 0])


def test_which_axes_are_evenly_spaced():
    grid = Grid((8, 9), periodic=(True, False), nodes=("uniform", "chebyshev"))
    assert grid.uniform == (True, False)
    assert [bool(torch.allclose(grid.coordinates(axis).diff(), grid.coordinates(axis).diff()[0])) for axis in (0, 1)] == [True, False]
