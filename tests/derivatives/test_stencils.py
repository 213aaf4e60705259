import math

import pytest
import torch

from neuralpde.derivatives.stencils import difference, staggered, weights_at
from neuralpde.grids import Grid


def test_textbook_weights():
    offsets = torch.arange(-2, 3, dtype=torch.float64).unsqueeze(0)
    torch.testing.assert_close(weights_at(offsets, 1)[0], torch.tensor([1, -8, 0, 8, -1], dtype=torch.float64) / 12)
    torch.testing.assert_close(weights_at(offsets, 2)[0], torch.tensor([-1, 16, -30, 16, -1], dtype=torch.float64) / 12)
    torch.testing.assert_close(weights_at(offsets, 3)[0], torch.tensor([-1, 2, 0, -2, 1], dtype=torch.float64) / 2)
    midpoint = torch.tensor([[-1.5, -0.5, 0.5, 1.5]], dtype=torch.float64)
    torch.testing.assert_close(weights_at(midpoint, 1)[0], torch.tensor([1, -27, 27, -1], dtype=torch.float64) / 24)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("nodes", ["uniform", "chebyshev"])
def test_bounded_stencils_are_exact_for_polynomials(order, accuracy, nodes):
    grid = Grid((24,), -1.0, 2.0, periodic=False, nodes=nodes)
    x = grid.coordinates()
    degree = order + accuracy - 1
    expected = math.perm(degree, order) * x ** (degree - order)
    found = difference(grid, 0, order, accuracy)(x**degree, -1)
    assert (found - expected).abs().max() < 1e-6 * expected.abs().max()


@pytest.mark.parametrize("accuracy", [2, 4, 6])
def test_periodic_order_of_accuracy(accuracy):
    errors = []
    for n in (24, 48):
        grid = Grid((n,), 0, 2 * math.pi)
        x = grid.coordinates()
        errors.append((difference(grid, 0, 2, accuracy)(torch.sin(2 * x), -1) + 4 * torch.sin(2 * x)).abs().max())
    assert abs(math.log2(errors[0] / errors[1]) - accuracy) < 0.2


@pytest.mark.parametrize("periodic", [True, False])
def test_staggered_pair(periodic):
    """To the midpoints and back: the interior is of fourth order, and the two periodic maps are negative transposes."""
    errors = []
    for n in (33, 65):
        grid = Grid((n - periodic,), 0, 2 * math.pi, periodic=periodic)
        x = grid.coordinates()
        half = (x + grid.spacing[0] / 2)[: n - 1]
        there, back = (staggered(grid, 0, 1, 4, to_midpoints=side) for side in (True, False))
        middle = staggered(grid, 0, 0, 4, to_midpoints=True)(torch.sin(x), -1)
        found = there(torch.sin(x), -1)
        errors.append([(found - torch.cos(half)).abs().max(), (middle - torch.sin(half)).abs().max(), (back(torch.cos(half), -1) + torch.sin(x)).abs().max()])
    for coarse, fine in zip(*errors, strict=True):
        assert math.log2(coarse / fine) > 3.6
    if periodic:
        eye = torch.eye(64, dtype=torch.float64)
        torch.testing.assert_close(there(eye, -1), -back(eye, -1).T)


def test_too_few_points():
    with pytest.raises(ValueError, match="FiniteDifference: derivative 4 at accuracy 4 needs 9 points per axis, got 6; refine or lower the order"):
        difference(Grid((6,)), 0, 4, 4)
