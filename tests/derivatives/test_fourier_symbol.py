import math

import pytest
import torch

from neuralpde.derivatives import Fourier, FourierSymbol, symbol
from neuralpde.equations import Equation, Heat
from neuralpde.grids import Grid

LINE = Grid((16,), 0, 2 * math.pi)


def test_closed_form_in_two_dimensions():
    grid = Grid((8, 6), 0, (2 * math.pi, 4 * math.pi))
    found = symbol(Heat(torch.tensor([1.0, 2.0], dtype=torch.float64)), grid)
    assert found.shape == (2, 1, 1, 8, 4) and found.dtype == torch.complex128
    kx, ky = grid.wavenumbers(0), grid.wavenumbers(1, half=True)
    torch.testing.assert_close(found[1, 0, 0].real, -2 * (kx[:, None] ** 2 + ky**2))


def test_absent_linear_part_is_zero():
    found = symbol(Equation(), LINE)
    assert found.shape == (1, 1, 1, 9) and torch.count_nonzero(found) == 0


def test_non_local_operators_have_symbols():
    class NonLocal(Equation):
        def linear(self, u, d):
            return d.solve_poisson(u) + 2.0 * d.mean(u) + d.biharmonic(u)

    d = Fourier(LINE)
    u = torch.randn(1, 1, 16, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    by_symbol = d.values(symbol(NonLocal(), LINE)[0, 0] * d.spectrum(u))
    torch.testing.assert_close(by_symbol, NonLocal().linear(u, d))


@pytest.mark.parametrize("diffusivity", [torch.ones(1, 16), lambda d: 1.0 + d.x[0]])
def test_varying_coefficients_are_refused_on_use(diffusivity):
    with pytest.raises(TypeError, match="FourierSymbol: the linear part needs coefficients that are constant in space, got one that varies"):
        symbol(Heat(diffusivity), LINE)


def test_varying_coefficients_elsewhere_do_no_harm():
    class Forced(Heat):
        def linear(self, u, d):
            return d.laplacian(u)

    assert symbol(Forced(torch.ones(1, 16)), LINE).shape == (1, 1, 1, 9)


def test_torch_functions_of_a_varying_coefficient_are_refused():
    d = FourierSymbol(LINE)
    with pytest.raises(TypeError, match="constant in space"):
        torch.exp(d.lift(torch.ones(1, 16)))
    with pytest.raises(TypeError, match="constant in space"):
        torch.ones(3) * d.x[0]
