import pytest
import torch
from flows import ensemble, square

from neuralpde.derivatives import Fourier
from neuralpde.equations import VelocityNavierStokes
from neuralpde.initial import LogNormalSpectrum, RandomVelocity, RandomVorticity


def test_velocity_has_no_divergence_and_its_largest_speed():
    d = Fourier(square(128))
    v = d.lift(ensemble(RandomVelocity(7.0, max_mode=32), 3))
    assert d.div(d.split(v)).abs().max() < 1e-11 and v.mean((2, 3)).abs().max() < 1e-14
    torch.testing.assert_close(v.square().sum(1).flatten(1).amax(1).sqrt(), torch.full((3,), 7.0, dtype=torch.float64), rtol=1e-12, atol=0)


def test_vorticity_is_the_curl_of_the_same_flow():
    d = Fourier(square(64))
    v, w = (d.lift(ensemble(law(3.0, LogNormalSpectrum(4.0), max_mode=16), 2)) for law in (RandomVelocity, RandomVorticity))
    torch.testing.assert_close(VelocityNavierStokes().vorticity(v, d), w, rtol=0, atol=1e-11)


def test_spectrum_of_the_components():
    """Energy per mode is that of the spectrum, in every direction."""
    d = Fourier(square(16))
    v = d.lift(ensemble(RandomVelocity(1.0, LogNormalSpectrum(2.0), max_mode=5), 500))
    v = v / v.square().mean((1, 2, 3), keepdim=True).sqrt()
    power = torch.fft.fft2(v, norm="forward").abs().square().sum(1).mean(0)
    rings = {"axis": (power[3, 0] + power[0, 3]) / 2, "diagonal": (power[2, 2] + power[-2, 2]) / 2}
    law = LogNormalSpectrum(2.0)
    length = torch.tensor([2 * torch.pi, 2 * torch.pi], dtype=torch.float64)
    expected = (law(torch.tensor([[3.0, 0.0]], dtype=torch.float64), length) / law(torch.tensor([[2.0, 2.0]], dtype=torch.float64), length)) ** 2
    assert float(rings["axis"] / rings["diagonal"]) == pytest.approx(float(expected), rel=0.25)


def test_bad_arguments():
    with pytest.raises(ValueError, match="RandomVelocity: needs two lengths and max_speed > 0, got"):
        RandomVelocity(0.0)
