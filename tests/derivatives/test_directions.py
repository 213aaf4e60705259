import pytest
import torch
from taylor_oracle import points

from neuralpde.derivatives import EveryDirection, biharmonic, contract, laplacian
from neuralpde.derivatives.directions import columns_as_directions, unit_directions


def test_exact_laplacian_and_pure_derivatives_of_a_polynomial():
    x = points(5, 3)

    def f(y):
        return (y**4).sum(-1, keepdim=True) + y[:, :1] * y[:, 1:2] ** 2

    torch.testing.assert_close(laplacian(f, x)[1], 12 * x.square().sum(-1, keepdim=True) + 2 * x[:, :1])
    directions = EveryDirection().pure(x, 4)
    torch.testing.assert_close(contract(f, x, directions)[1][0], torch.full((5, 1), 72.0, dtype=torch.float64))


@pytest.mark.parametrize("ndim", [1, 2, 3, 5])
def test_exact_biharmonic(ndim):
    """Sum a_i x_i⁴ + b_ij x_i² x_j² has the biharmonic 24 Σ a_i + 8 Σ_{i<j} b_ij."""
    a, b = points(ndim), torch.triu(points(ndim, ndim, seed=1), 1)

    def f(x):
        return (x**4 @ a)[:, None] + torch.einsum("pi,ij,pj->p", x**2, b, x**2)[:, None]

    x = points(4, ndim, seed=2)
    torch.testing.assert_close(biharmonic(f, x)[1], torch.full((4, 1), float(24 * a.sum() + 8 * b.sum()), dtype=torch.float64))
    assert EveryDirection().biharmonic(x).weights.shape == (1, ndim**2)


def test_directions_are_shared_by_all_points():
    x, factor = points(4, 3), points(3, 2)
    assert unit_directions(x, torch.tensor([2, 0])).shape == (2, 1, 3)
    assert columns_as_directions(x, factor).shape == (2, 1, 3)
    per_point = points(4, 3, 2)
    torch.testing.assert_close(columns_as_directions(x, per_point)[1], per_point[:, :, 1])
