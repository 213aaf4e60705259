import pytest
import torch

from neuralpde.grids import Grid
from neuralpde.metrics.quadrature import check_pair, quadrature_weights, space_axes, space_mean


def test_plain_mean_counts_every_node_alike():
    values = torch.arange(6.0, dtype=torch.float64).reshape(1, 1, 1, 2, 3)
    assert space_mean(values).item() == 2.5
    assert space_axes(values) == (3, 4)


def test_weighted_mean_integrates_polynomials_on_chebyshev_nodes():
    grid = Grid((9,), lower=-1.0, upper=1.0, periodic=False, nodes="chebyshev")
    x = grid.coordinates()
    values = (x**4).reshape(1, 1, 1, -1)
    assert space_mean(values, quadrature_weights(grid)).item() == pytest.approx(1 / 5, abs=1e-14)
    assert abs(space_mean(values).item() - 1 / 5) > 0.05


def test_weights_of_a_box_are_the_product_of_its_axes():
    grid = Grid((4, 5), lower=(0.0, 0.0), upper=(2.0, 3.0), periodic=(True, False))
    weights = quadrature_weights(grid)
    assert weights.shape == (4, 5)
    torch.testing.assert_close(weights.sum().item(), 6.0)
    torch.testing.assert_close(weights[1, 0].item(), 0.5 * 0.375)


def test_weights_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"weights need the shape of space \(8,\), got \(7,\)"):
        space_mean(torch.zeros(1, 1, 1, 8), torch.ones(7))


def test_shapes_that_would_broadcast_are_refused():
    with pytest.raises(ValueError, match="metric: expected two trajectories"):
        check_pair("metric", torch.zeros(2, 3, 1, 8), torch.zeros(2, 1, 1, 8))
