import math

import pytest
import torch

from neuralpde.grids import Grid
from neuralpde.metrics import amplitude_spectrum, energy_spectrum
from neuralpde.metrics.spectrum import shell_index, shell_sum


@pytest.mark.parametrize("shape", [(16,), (15,), (12, 10), (6, 8, 5)])
def test_shells_sum_to_the_mean_square(shape):
    u = torch.randn(2, 3, 2, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(energy_spectrum(u).sum(dim=-1), u.square().flatten(3).mean(dim=-1))


def test_one_mode_falls_into_one_shell():
    x = torch.arange(32, dtype=torch.float64) * 2 * math.pi / 32
    u = (0.5 + 2.0 * torch.cos(3 * x[:, None] + 4 * x)).reshape(1, 1, 1, 32, 32)
    energy = energy_spectrum(u)[0, 0, 0]
    assert energy[0].item() == pytest.approx(0.25)
    assert energy[5].item() == pytest.approx(2.0)
    assert energy.sum().item() == pytest.approx(2.25)


def test_shell_boundaries_are_exact():
    index = shell_index((16, 16))
    assert index[3, 4] == 5
    assert index[-3, -4] == 5
    assert index[8, 0] == 8
    assert shell_index((9,)).tolist() == [0, 1, 2, 3, 4, 4, 3, 2, 1]


def test_modes_outside_are_left_out():
    assert shell_sum(torch.tensor([1.0, 2.0, 4.0]), torch.tensor([0, -1, 7]), 2).tolist() == [1.0, 0.0]


def test_amplitude_in_one_dimension_is_the_half_transform(generator):
    u = torch.randn(2, 3, 1, 32, generator=generator, dtype=torch.float64)
    torch.testing.assert_close(amplitude_spectrum(u), torch.fft.rfft(u).abs())


def test_amplitude_is_the_mean_over_the_modes_of_a_shell():
    x, y = Grid((16, 16), upper=2 * math.pi).mesh()
    u = (torch.cos(3 * x) + 2.0 * torch.cos(4 * y))[None, None, None]
    modes = shell_sum(torch.ones(16, 16), shell_index((16, 16)), 9)
    expected = torch.zeros(9, dtype=torch.float64)
    expected[3], expected[4] = 2 * 128 / modes[3], 2 * 256 / modes[4]
    torch.testing.assert_close(amplitude_spectrum(u)[0, 0, 0], expected, atol=1e-11, rtol=1e-6)
