import pytest
from score_vector import vector

from neuralpde.metrics import accumulated_error, scaled_l2, summed_mse


def test_known_vector():
    pred, ref = vector()
    assert scaled_l2(pred, ref).mean().item() == pytest.approx(0.104908, abs=1e-6)
    assert summed_mse(pred, ref).mean().item() == pytest.approx(0.030250, abs=1e-6)


def test_summed_error_is_the_accumulated_one_times_channels():
    pred, ref = vector()
    assert summed_mse(pred, ref).tolist() == pytest.approx((2 * accumulated_error(pred, ref)).tolist())
