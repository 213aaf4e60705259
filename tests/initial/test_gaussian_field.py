import math

import pytest
import torch

from neuralpde.derivatives import Fourier
from neuralpde.grids import Grid
from neuralpde.initial import GaussianField, stack_draws


def draws(law, count):
    generator = torch.Generator().manual_seed(0)
    return stack_draws([law(generator) for _ in range(count)])


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_field_is_periodic_and_has_zero_mean(ndim):
    lengths = (1.0, 2.0, 3.0)[:ndim]
    d = Fourier(Grid((8,) * ndim, 0.0, lengths))
    field = draws(GaussianField(lengths, max_mode=2), 2)
    u = d.lift(field)
    assert u.shape == (2, 1, *(8,) * ndim)
    assert d.mean(u).abs().max() < 1e-15
    d.x = tuple(x + length for x, length in zip(d.x, lengths, strict=True))
    torch.testing.assert_close(d.lift(field), u)


def test_same_field_at_every_resolution():
    law = GaussianField((2 * math.pi,), max_mode=4)
    coarse, fine = (Fourier(Grid((n,), 0.0, 2 * math.pi)).lift(draws(law, 2)) for n in (16, 64))
    torch.testing.assert_close(fine[..., ::4], coarse)


def test_spectrum_and_amplitude():
    """Variance per mode follows (1 + ℓ²k²)^(-s) within the sampling error, and the pointwise deviation is the amplitude."""
    law = GaussianField((2 * math.pi,), amplitude=1.7, correlation=0.5, smoothness=2.0, max_mode=4)
    u = Fourier(Grid((16,), 0.0, 2 * math.pi)).lift(draws(law, 4000))
    assert abs(u.std() / 1.7 - 1) < 0.02
    power = torch.fft.rfft(u).abs().square().mean(0)[0, 1:5]
    k = torch.arange(1, 5, dtype=torch.float64)
    expected = (1 + 0.25 * k**2) ** -2
    torch.testing.assert_close(power / power.sum(), expected / expected.sum(), rtol=0.1, atol=0)


def test_every_mode_appears_once():
    """No wavevector is the negative of another, and all are there."""
    k = GaussianField(max_mode=3).wavevectors()
    assert len(k) == (7 * 7 - 1) // 2
    assert len({tuple(v) for v in torch.cat([k, -k]).tolist()}) == 48


def test_bad_arguments():
    with pytest.raises(ValueError, match=r"GaussianField: needs max_mode >= 1 and correlation > 0, got 0 and 1.0; enlarge them"):
        GaussianField(max_mode=0)
