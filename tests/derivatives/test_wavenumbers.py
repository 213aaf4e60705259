import math

import pytest
import torch

from neuralpde.derivatives.wavenumbers import inverse_div_grad, inverse_laplacian, keep_mask, powers, require_periodic, squared
from neuralpde.grids import Grid


def test_odd_powers_drop_the_nyquist_mode_and_even_ones_keep_it():
    grid = Grid((8, 6), 0, 2 * math.pi)
    assert powers(grid, 0, 1).flatten()[4] == 0
    assert powers(grid, 0, 2).flatten()[4] == -16
    assert powers(grid, 1, 3).flatten()[3] == 0
    assert powers(grid, 1, 4).shape == (1, 4)
    assert powers(Grid((5,), 0, 2 * math.pi), 0, 1)[2] == 2j  # an odd number of points has no such mode


def test_inverse_laplacian_is_the_pseudo_inverse():
    grid = Grid((6, 8), 0, (1.0, 3.0))
    product = -squared(grid) * inverse_laplacian(grid)
    assert product[0, 0] == 0
    product[0, 0] = 1
    torch.testing.assert_close(product, torch.ones_like(product))


@pytest.mark.parametrize("n", [8, 9, 12, 24, 48, 66, 96, 99])
@pytest.mark.parametrize("degree", [2, 3, 4])
def test_mask_keeps_all_modes_that_are_free_of_aliasing_and_no_other(n, degree):
    kept = keep_mask(Grid((n,)), 2 / (degree + 1))
    m = torch.arange(n // 2 + 1)
    assert torch.equal(kept == 1, (degree + 1) * m < n)


def test_full_fraction_needs_no_mask():
    assert keep_mask(Grid((8,)), 1.0) is None


def test_bounded_axis_is_refused():
    with pytest.raises(ValueError, match=r"Fourier: every axis of the grid needs to be periodic, got periodic=\(False,\); use FiniteDifference"):
        require_periodic("Fourier", Grid((8,), periodic=False))


def test_inverse_of_div_grad_misses_the_nyquist_modes():
    grid = Grid((6, 5), 0, 2 * math.pi)
    square = powers(grid, 0, 1) ** 2 + powers(grid, 1, 1) ** 2
    product = (square * inverse_div_grad(grid)).real
    expected = torch.ones_like(product)
    expected[0, 0] = expected[3, 0] = 0.0  # constants, and the mode whose odd derivatives all vanish
    torch.testing.assert_close(product, expected)
