import math

import pytest
import torch

from neuralpde.derivatives import Fourier, LazyFourier, analyse
from neuralpde.equations import Burgers, Combined, Equation, Heat, VelocityNavierStokes, VorticityNavierStokes
from neuralpde.grids import Grid
from neuralpde.initial import TravellingPulse

SQUARE = Grid((16, 16), 0.0, 2 * math.pi)
LINE = Grid((32,), 0.0, 2 * math.pi)


@pytest.fixture
def transforms(monkeypatch):
    """Counts the transforms of fields, each of which has one real transform, along the last axis."""
    calls = []
    for name in ("rfft", "irfft"):
        original = getattr(torch.fft, name)
        monkeypatch.setattr(torch.fft, name, lambda *args, original=original, name=name, **kwargs: calls.append(name) or original(*args, **kwargs))
    return calls


def noise(grid, batch=1, channels=1):
    return torch.randn(batch, channels, *grid.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize(
    ("equation", "grid", "count"),
    [
        (VorticityNavierStokes(0.1), SQUARE, 4),
        (VelocityNavierStokes(0.1), SQUARE, 4),
        (Burgers(0.1), LINE, 2),
        (Burgers(0.1), SQUARE, 2),
        (Combined(torch.tensor([1.5])), LINE, 2),
        (Heat(0.1), LINE, 0),
    ],
)
def test_number_of_transforms(equation, grid, count, transforms):
    d = LazyFourier(grid, dealias=2 / 3)
    lifted, u_hat = equation.on(d), Fourier(grid).spectrum(noise(grid, channels=len(equation.fields)))
    transforms.clear()
    d.transform(lifted.nonlinear(d.field(spectrum=u_hat), d))
    assert len(transforms) == count


def test_forcing_is_transformed_once_for_many_evaluations(transforms):
    d = LazyFourier(SQUARE)
    lifted, u_hat = VorticityNavierStokes(0.1, lambda p: torch.sin(p.x[0])).on(d), Fourier(SQUARE).spectrum(noise(SQUARE))
    transforms.clear()
    for _ in range(3):
        d.transform(lifted.nonlinear(d.field(spectrum=u_hat), d))
    assert len(transforms) == 3 * 4 + 1


class Cubic(Equation):
    """The reaction of Gray–Scott type, of degree 3."""

    def nonlinear(self, u, d):
        return -1.0 * u * u * u


def test_cubic_terms_need_half_of_the_modes():
    """The probe says so; with two thirds the product is aliased."""
    assert analyse(Cubic()).dealias == 0.5
    fine = Grid((128,), 0.0, 2 * math.pi)

    def error(fraction):
        d = LazyFourier(LINE, dealias=fraction)
        u_hat = d.forward(noise(LINE))
        kept = u_hat.shape[-1]
        fine_hat = torch.zeros(1, 1, 65, dtype=torch.complex128)
        fine_hat[..., :kept] = 4 * u_hat
        exact = Fourier(fine).spectrum(-(Fourier(fine).values(fine_hat) ** 3))[..., :kept] / 4
        found = d.transform(Cubic().rhs(d.resolved(u_hat), d))
        return ((found - exact).abs().max() / exact.abs().max()).item()

    assert error(0.5) < 1e-14
    assert error(2 / 3) > 0.01


def test_conversions_in_both_directions_are_dealiased():
    d, u = LazyFourier(LINE, dealias=0.5), noise(LINE)
    filtered = Fourier(LINE, dealias=0.5).filter(u)
    torch.testing.assert_close(d.values(d.transform(u)), filtered)
    torch.testing.assert_close(d.field(spectrum=Fourier(LINE).spectrum(u)).values, filtered)


def test_numbers_and_constants():
    d = LazyFourier(LINE)
    assert d.transform(0.0) == 0.0
    torch.testing.assert_close(d.values(d.transform(2.5)), torch.full((1, 1, 32), 2.5, dtype=torch.float64))
    assert d.dx(1.0) == 0.0


def test_pairs_split_and_join():
    d = LazyFourier(LINE)
    u = noise(LINE, 2, 2)
    for field in (d.field(values=u), d.field(spectrum=Fourier(LINE).spectrum(u))):
        a, b = d.split(field)
        torch.testing.assert_close(d.join(b, a).values, u.flip(1))
    pulse = TravellingPulse(torch.tensor([1.0, 2.0], dtype=torch.float64), torch.tensor([2.0, 2.0], dtype=torch.float64))
    torch.testing.assert_close(d.lift(pulse).values, Fourier(LINE).lift(pulse))


def test_variable_diffusion_and_mean():
    a = (1.5 + torch.rand(2, 32, generator=torch.Generator().manual_seed(1), dtype=torch.float64)).clone()
    u, d, plain = noise(LINE, 2), LazyFourier(LINE), Fourier(LINE)
    torch.testing.assert_close(d.values(d.transform(Heat(a).rhs(d.field(values=u), d))), Heat(a).rhs(u, plain))
    torch.testing.assert_close(d.mean(d.field(values=u)), plain.mean(u))


def test_gradients_pass_through_lazy_fields():
    viscosity, u = torch.tensor([0.3], dtype=torch.float64, requires_grad=True), noise(LINE)
    d, plain = LazyFourier(LINE), Fourier(LINE)
    (lazy,) = torch.autograd.grad(d.values(d.transform(Burgers(viscosity).rhs(d.field(values=u), d))).pow(2).sum(), viscosity)
    (direct,) = torch.autograd.grad(Burgers(viscosity).rhs(u, plain).pow(2).sum(), viscosity)
    torch.testing.assert_close(lazy, direct)


def test_layout_and_precision():
    d, plain = LazyFourier(SQUARE, dealias=2 / 3, dtype=torch.float32), Fourier(SQUARE, dealias=2 / 3)
    u = noise(SQUARE, 2)
    u_hat = d.forward(u.float())
    assert u_hat.dtype == torch.complex64 and u_hat.shape == (2, 1, 6, 16), "kept wavenumbers of the last axis first"
    torch.testing.assert_close(u_hat, d.resolved(d.arranged(plain.spectrum(plain.filter(u)))).spectrum.to(torch.complex64), rtol=0, atol=1e-4)
    torch.testing.assert_close(d.values(u_hat), plain.filter(u).float(), rtol=0, atol=1e-5)
    lifted = VorticityNavierStokes(torch.tensor([0.1, 0.2], dtype=torch.float64), lambda p: torch.sin(p.x[0])).on(d)
    assert lifted.viscosity.dtype == torch.float32 and lifted.forcing.spectrum.dtype == torch.complex64
    for step in (d.dx(d.field(values=u.float()), 1), d.laplacian(d.field(values=u.float())), d.solve_poisson(d.field(values=u.float()))):
        assert step.spectrum.dtype == torch.complex64


def test_three_dimensions():
    grid = Grid((6, 8, 10), 0.0, 2 * math.pi)
    d, plain, u = LazyFourier(grid, dealias=2 / 3), Fourier(grid, dealias=2 / 3), noise(Grid((6, 8, 10)))
    torch.testing.assert_close(d.values(d.transform(u)), plain.filter(u))
    for axis in range(3):
        torch.testing.assert_close(d.dx(d.field(values=u), axis, 3).values, plain.dx(plain.filter(u), axis, 3))
