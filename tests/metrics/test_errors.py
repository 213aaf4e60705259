import math

import pytest
import torch
from score_vector import vector

from neuralpde.metrics import accumulated_error, max_error, mean_squared_error, rmse


def test_known_vector():
    pred, ref = vector()
    assert rmse(pred, ref).mean().item() == pytest.approx(0.068910, abs=1e-6)
    assert max_error(pred, ref).mean().item() == pytest.approx(0.125, abs=1e-6)
    assert mean_squared_error(pred, ref).mean().item() == pytest.approx(0.00504167, abs=1e-8)


def test_accumulated_error_sums_frames_and_averages_nodes():
    pred = torch.zeros(2, 4, 1, 8, dtype=torch.float64)
    ref = torch.ones_like(pred) * torch.tensor([1.0, 2.0], dtype=torch.float64).reshape(2, 1, 1, 1)
    torch.testing.assert_close(accumulated_error(pred, ref), torch.tensor([4.0, 16.0], dtype=torch.float64))


def test_accumulated_error_of_a_sine_against_zero():
    x = torch.arange(100, dtype=torch.float64) * 2 * math.pi / 100
    ref = torch.sin(3 * x).reshape(1, 1, 1, -1).expand(1, 200, 1, 100)
    assert accumulated_error(torch.zeros_like(ref), ref).item() == pytest.approx(100.0, rel=1e-12)


def test_channels_are_averaged():
    pred = torch.zeros(1, 3, 2, 5)
    ref = torch.stack([torch.full((1, 3, 5), 2.0), torch.zeros(1, 3, 5)], dim=2)
    assert accumulated_error(pred, ref).item() == pytest.approx(3 * 4 / 2)
    torch.testing.assert_close(rmse(pred, ref), torch.full((1, 3), 1.0))


def test_weights_change_the_mean():
    error = torch.tensor([2.0, 0.0]).reshape(1, 1, 1, 2)
    assert mean_squared_error(error, torch.zeros_like(error), weights=torch.tensor([1.0, 3.0])).item() == pytest.approx(1.0)


def test_shape_mismatch_names_both():
    with pytest.raises(ValueError, match=r"accumulated_error: expected two trajectories .* got \(1, 2, 1, 8\) and \(1, 2, 1, 4\)"):
        accumulated_error(torch.zeros(1, 2, 1, 8), torch.zeros(1, 2, 1, 4))
