import pytest
import torch

from neuralpde.derivatives.chebyshev import Chebyshev, differentiation_matrix
from neuralpde.grids import Grid


@pytest.fixture
def grid():
    return Grid(24, -8.0, 8.0, False, "chebyshev")


def test_polynomials_are_differentiated_exactly(grid):
    x = grid.coordinates()
    d = Chebyshev(grid)
    for degree in (1, 3, 6):
        u = (x / 8) ** degree
        expected = degree * (x / 8) ** (degree - 1) / 8
        assert torch.allclose(d.dx(u[None, None])[0, 0], expected, atol=1e-11)
    second = d.dx(((x / 8) ** 4)[None, None], order=2)[0, 0]
    assert torch.allclose(second, 12 * (x / 8) ** 2 / 64, atol=1e-10)


def test_two_nodes_give_the_difference_quotient():
    assert torch.equal(differentiation_matrix(torch.tensor([0.0, 2.0])), torch.tensor([[-0.5, 0.5], [-0.5, 0.5]]))


def test_mean_is_clenshaw_curtis(grid):
    x = grid.coordinates()[None, None]
    assert float(Chebyshev(grid).mean(x**2)) == pytest.approx(64 / 3, rel=1e-12)


def test_lift_evaluates_at_the_nodes(grid):
    assert torch.equal(Chebyshev(grid).lift(lambda d: d.x[0] ** 2), grid.coordinates()[None, None] ** 2)


def test_refuses_uniform_grids():
    with pytest.raises(ValueError, match="Chebyshev: needs one axis of Chebyshev nodes"):
        Chebyshev(Grid(16))
