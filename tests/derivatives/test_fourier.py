import math

import pytest
import torch

from neuralpde.derivatives import Fourier, LazyField, LazyFourier
from neuralpde.grids import Grid


@pytest.mark.parametrize("n", [15, 16])
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_derivatives_of_a_mode_are_exact(n, order):
    d = Fourier(Grid((n,), 1.0, 4.0))
    k = 2 * math.pi * 3 / 3.0
    u = torch.sin(k * d.x[0])
    torch.testing.assert_close(d.dx(u, order=order), k**order * torch.sin(k * d.x[0] + order * math.pi / 2), rtol=1e-11, atol=1e-9)


def test_three_dimensions():
    d = Fourier(Grid((6, 8, 10), 0.0, 2 * math.pi))
    x, y, z = d.x
    u = torch.sin(x) * torch.cos(2 * y) * torch.sin(3 * z)
    torch.testing.assert_close(d.laplacian(u), -14 * u)
    torch.testing.assert_close(d.biharmonic(u), 196 * u)
    torch.testing.assert_close(d.dx(d.dx(u, 2), 1), -6 * torch.sin(x) * torch.sin(2 * y) * torch.cos(3 * z))
    torch.testing.assert_close(d.solve_poisson(u), -u / 14)
    assert d.mean(u).shape == (1, 1, 1, 1, 1) and abs(d.mean(u).item()) < 1e-16
    assert d.mean(u * u, axis=1).shape == (1, 1, 6, 1, 10)
    torch.testing.assert_close(d.mean(u * u), torch.full((1, 1, 1, 1, 1), 0.125, dtype=torch.float64))


def test_a_number_has_no_derivative():
    assert Fourier(Grid((8,))).dx(3.0) == 0.0


def test_variable_diffusion_has_only_constants_in_its_kernel_and_is_symmetric():
    """The collocated div(a grad u) would have 4 null modes in two dimensions."""
    grid = Grid((6, 6), 0.0, 2 * math.pi)
    d = Fourier(grid)
    a = (1.5 + torch.rand(1, 1, 6, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)).clone()
    basis = torch.eye(36, dtype=torch.float64).reshape(36, 1, 6, 6)
    matrix = d.diffuse(a, basis).reshape(36, 36)
    torch.testing.assert_close(matrix, matrix.T)
    eigenvalues = torch.linalg.eigvalsh(matrix)
    assert (eigenvalues.abs() < 1e-10).sum() == 1 and eigenvalues.max() < 1e-10
    naive = d.div([a * g for g in d.grad(basis)]).reshape(36, 36)
    assert (torch.linalg.svdvals(naive) < 1e-10).sum() == 4


def test_constant_diffusion_is_the_laplacian():
    d = Fourier(Grid((8, 6)))
    u = torch.randn(2, 1, 8, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.testing.assert_close(d.diffuse(3.0 * torch.ones(1, 1, 8, 6, dtype=torch.float64), u), 3.0 * d.laplacian(u))
    torch.testing.assert_close(d.diffuse(3.0, u), 3.0 * d.laplacian(u))


def test_two_thirds_rule_makes_quadratic_convection_alias_free():
    """The dealiased product on n points equals the one on 4n points, cut to the kept modes."""
    coarse, fine = Grid((24,), 0, 2 * math.pi), Grid((96,), 0, 2 * math.pi)
    generator = torch.Generator().manual_seed(0)
    u_fine = Fourier(fine, dealias=15 / 96).filter(torch.randn(1, 1, 96, generator=generator, dtype=torch.float64))  # |m| < 7.5
    u = u_fine[..., ::4]

    def flux(q):
        return (q * q,)

    exact = Fourier(fine, dealias=15.5 / 96).filter(Fourier(fine).convect(flux, u_fine))[..., ::4]
    dealiased = Fourier(coarse, dealias=2 / 3)
    torch.testing.assert_close(dealiased.convect(flux, u), exact)
    aliased = dealiased.filter(Fourier(coarse).convect(flux, Fourier(coarse, dealias=23 / 24).filter(_rough(coarse))))
    assert (aliased - dealiased.convect(flux, _rough(coarse))).abs().max() > 0.1


def _rough(grid):
    return torch.randn(1, 1, *grid.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def test_field_precision_is_kept():
    d = Fourier(Grid((8, 8)))
    u = torch.randn(1, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    for result in (d.dx(u), d.laplacian(u), d.solve_poisson(u), Fourier(Grid((8, 8)), dealias=0.5).filter(u)):
        assert result.dtype == torch.float32


def test_time_is_changed_in_a_copy():
    d = Fourier(Grid((8,)), t=1.0)
    later = d.at(2.0)
    assert (d.t, later.t) == (1.0, 2.0)


def test_bad_fraction():
    with pytest.raises(ValueError, match=r"Fourier: dealias needs to lie in \(0, 1\], got 1.5; use 2/\(p \+ 1\)"):
        Fourier(Grid((8,)), dealias=1.5)


def plain_values(field):
    return field.values if isinstance(field, LazyField) else field


@pytest.mark.parametrize("dealias", [1.0, 2 / 3])
@pytest.mark.parametrize("provider", [Fourier, LazyFourier])
def test_projection_removes_the_divergence_and_nothing_else(provider, dealias):
    """Idempotent, orthogonal to gradients, the identity on solenoidal fields and on the mean; Nyquist modes included."""
    d = provider(Grid((8, 6), 0, (1.0, 2.0)), dealias=dealias)
    plain = Fourier(Grid((8, 6), 0, (1.0, 2.0)), dealias=dealias)
    u = plain.filter(torch.randn(3, 2, 8, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64))

    def project(v):
        return [plain_values(component) for component in d.project(plain.split(v))]

    once = torch.cat(project(u), dim=1)
    assert plain.div(plain.split(once)).abs().max() < 1e-12 and plain.div(plain.split(u)).abs().max() > 1
    torch.testing.assert_close(torch.cat(project(once), dim=1), once)
    torch.testing.assert_close(once.mean((2, 3)), u.mean((2, 3)))
    gradient = torch.cat(plain.grad(u[:, :1]), dim=1)
    assert (gradient * once).sum((1, 2, 3)).abs().max() < 1e-11


def test_biot_savart_inverts_the_curl():
    plain, lazy = (provider(Grid((16, 12), 0, (1.0, 2.0)), dealias=2 / 3) for provider in (Fourier, LazyFourier))
    w = plain.filter(torch.randn(2, 1, 16, 12, generator=torch.Generator().manual_seed(0), dtype=torch.float64))
    w = w - plain.mean(w)
    for d in (plain, lazy):
        vx, vy = (plain_values(component) for component in d.biot_savart(w))
        torch.testing.assert_close(plain.dx(vy, 0) - plain.dx(vx, 1), w)
        assert plain.div((vx, vy)).abs().max() < 1e-12
