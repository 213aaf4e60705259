import torch

from neuralpde.derivatives import Fourier, ReverseMode
from neuralpde.equations import Combined, KortewegDeVries
from neuralpde.grids import Grid


def test_soliton_has_no_residual():
    generator = torch.Generator().manual_seed(0)
    d = ReverseMode.at_points(torch.rand(16, 1, generator=generator, dtype=torch.float64) * 4, torch.rand(16, generator=generator, dtype=torch.float64))
    u = KortewegDeVries(0.7).exact(d.t, d.x[0], speed=3.0, centre=1.0)
    assert KortewegDeVries(0.7).residual(u, d).abs().max() < 1e-12
    assert KortewegDeVries(0.8).residual(u, d).abs().max() > 0.1


def test_periodic_soliton_returns_after_one_period():
    x = Grid((64,), 0, 20.0).coordinates()
    equation = KortewegDeVries()
    torch.testing.assert_close(equation.exact(5.0, x, speed=4.0, centre=3.0, length=20.0), equation.exact(0.0, x, speed=4.0, centre=3.0, length=20.0))
    assert equation.exact(0.0, x, speed=4.0, centre=19.0, length=20.0)[0] > 0.5  # the tail re-enters on the left


def test_is_a_member_of_the_combined_family():
    d = Fourier(Grid((16,), 0, 3))
    u = torch.randn(2, 1, 16, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.testing.assert_close(KortewegDeVries(1.0).rhs(u, d), Combined(3.0, 0.0, 1.0).rhs(u, d))
