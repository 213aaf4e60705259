import math

import pytest
import torch

from neuralpde.metrics import band_ratios, spread_error_ratio, spread_spectrum


def test_one_mode_by_hand():
    """Samples a_i cos(3x): the variance of the a_i over two lies in shell 3, and so does the squared error of their mean."""
    x = 2 * math.pi * torch.arange(32, dtype=torch.float64) / 32
    amplitudes = torch.tensor([1.0, 2.0, 6.0], dtype=torch.float64)
    samples = (amplitudes[:, None] * torch.cos(3 * x))[:, None, None, None]
    found = spread_spectrum(samples, 2.0 * torch.cos(3 * x)[None, None, None])
    expected = torch.zeros(17, dtype=torch.float64)
    expected[3] = 7.0 / 2  # unbiased variance of 1, 2, 6
    torch.testing.assert_close(found.spread[0, 0], expected)
    expected[3] = 1.0 / 2
    torch.testing.assert_close(found.error[0, 0], expected)
    assert found.num_samples == 3


def test_shells_add_up_to_variance_and_error(generator):
    samples, ref = torch.randn(4, 2, 3, 2, 16, generator=generator), torch.randn(2, 3, 2, 16, generator=generator)
    found = spread_spectrum(samples, ref)
    torch.testing.assert_close(found.spread.sum(dim=-1), samples.var(dim=0).mean(dim=-1).sum(dim=-1))
    torch.testing.assert_close(found.error.sum(dim=-1), (samples.mean(dim=0) - ref).square().mean(dim=-1).sum(dim=-1))


@pytest.mark.parametrize("num_samples", [2, 8])
def test_truth_drawn_like_the_samples_is_calibrated_in_every_band(num_samples, generator):
    """White noise with an amplitude that falls with the wavenumber; 2000 trajectories of 16 points give the ratio to about two per cent."""
    decay = 1.0 / (1.0 + torch.arange(17))

    def draw(*lead: int) -> torch.Tensor:
        return torch.fft.irfft(decay * torch.fft.rfft(torch.randn(*lead, 2000, 1, 1, 32, generator=generator)), n=32)

    found = spread_spectrum(draw(num_samples), draw())
    spread, error = found.spread.mean(dim=(0, 1)), found.error.mean(dim=(0, 1))
    torch.testing.assert_close(band_ratios(spread, error, num_samples=num_samples), torch.ones(3), atol=0.05, rtol=0)
    over_confident = band_ratios(spread / 9, error, num_samples=num_samples)
    torch.testing.assert_close(over_confident, torch.full((3,), 1 / 3), atol=0.02, rtol=0)


def test_ratio_knows_that_the_mean_is_uncertain():
    assert spread_error_ratio(torch.tensor(2.0), torch.tensor(3.0), num_samples=2).item() == pytest.approx(1.0)


def test_bands_sum_shells_before_dividing():
    spread, error = torch.tensor([1.0, 3.0, 0.0, 0.0, 8.0]), torch.tensor([2.0, 2.0, 0.0, 0.0, 2.0])
    found = band_ratios(spread, error, num_samples=4, edges=(0, 4))
    torch.testing.assert_close(found, torch.tensor([1.25, 5.0]).sqrt())
    assert band_ratios(spread, error, num_samples=4)[2].isnan()


def test_one_sample_is_refused():
    with pytest.raises(ValueError, match="at least 2 samples of every trajectory, got 1"):
        spread_spectrum(torch.zeros(1, 2, 2, 1, 8), torch.zeros(2, 2, 1, 8))
