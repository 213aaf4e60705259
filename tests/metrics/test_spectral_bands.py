import math

import pytest
import torch
from score_vector import vector

from neuralpde.metrics import AllModes, FirstQuadrant, binned_spectral_mse, fourier_bands, mean_squared_error, shell_errors


def test_bins_of_the_known_vector():
    pred, ref = vector()
    error, energy = binned_spectral_mse(pred, ref)
    expected = torch.tensor([0.00186667, 0.003125, 0.00005], dtype=torch.float64)
    torch.testing.assert_close(error.mean(dim=(0, 1, 2)), expected, atol=1e-8, rtol=0)
    torch.testing.assert_close(error.sum(dim=-1).mean(dim=-1), mean_squared_error(pred, ref))
    normalised = (error / (energy + 1e-7)).mean(dim=(0, 1, 2))
    torch.testing.assert_close(normalised, torch.tensor([0.00474257, 31250, 500], dtype=torch.float64), rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("shape", [(16,), (15,), (8, 8)])
def test_all_modes_keep_the_error_of_whole_shells(shape):
    pred, ref = torch.randn(2, 1, 2, 1, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    shells = shell_errors(pred, ref).sum(dim=-1)
    total = mean_squared_error(pred, ref)[..., None]
    if len(shape) == 1:
        torch.testing.assert_close(shells, total)
    else:
        assert (shells < total).all()


def test_first_quadrant_counts_a_quarter_of_a_plane_wave_pattern():
    x = torch.arange(16, dtype=torch.float64) * 2 * math.pi / 16
    # cos·cos has four modes of amplitude 1/4: (±3, ±4), one of them in the first quadrant.
    pred = (torch.cos(3 * x[:, None]) * torch.cos(4 * x)).reshape(1, 1, 1, 16, 16)
    ref = torch.zeros_like(pred)
    assert shell_errors(pred, ref, modes=AllModes())[0, 0, 0, 5].item() == pytest.approx(4 / 16)
    assert shell_errors(pred, ref, modes=FirstQuadrant())[0, 0, 0, 5].item() == pytest.approx(1 / 16)


def test_bands_average_roots_over_their_shells():
    shells = torch.arange(16, dtype=torch.float64).square()
    torch.testing.assert_close(fourier_bands(shells), torch.tensor([1.5, 7.5, 13.5], dtype=torch.float64))


def test_empty_band_is_not_a_number():
    assert fourier_bands(torch.ones(9)).isnan().tolist() == [False, False, True]
