import pytest
import torch
from score_vector import vector

from neuralpde.metrics import FirstQuadrant, boundary_rmse, pdebench


def test_known_vector_in_two_dimensions():
    scores = pdebench(*vector(), modes=FirstQuadrant())
    expected = (0.068910, 0.110326, 0.040000, 0.150000, 0.089531, 0.019882, 0.0, 0.0025)
    assert [s.item() for s in scores] == pytest.approx(expected, abs=1e-6)


def test_known_vector_on_a_line():
    pred, ref = (u[..., 3] for u in vector())
    expected = (0.072350, 0.107540, 0.046235, 0.146235, 0.115095, 0.021441, 0.0, 0.0)
    assert [s.item() for s in pdebench(pred, ref, modes=FirstQuadrant())] == pytest.approx(expected, abs=1e-6)


def test_all_modes_see_both_signs_of_a_wavenumber():
    pred, ref = vector()
    quadrant, everything = pdebench(pred, ref, modes=FirstQuadrant()), pdebench(pred, ref)
    # Shells 12 … 13 against 12 … 14, with the mode (0, ±13) counted once or twice.
    assert (everything.frmse_high / quadrant.frmse_high).item() == pytest.approx(2**0.5 * 2 / 3, rel=1e-6)
    # Shell 0 has one mode, shell 3 two of them.
    assert everything.frmse_low.item() == pytest.approx(0.01 + (quadrant.frmse_low.item() - 0.01) * 2**0.5, rel=1e-6)


def test_volume_scales_the_spectral_error_only():
    unit, sixteen = pdebench(*vector()), pdebench(*vector(), volume=16.0)
    torch.testing.assert_close(sixteen.frmse_low, 16 * unit.frmse_low)
    assert sixteen.rmse == unit.rmse


def test_corners_enter_once_per_face():
    error = torch.zeros(1, 1, 1, 4, 4)
    error[..., 0, 0] = 1.0
    assert boundary_rmse(error, torch.zeros_like(error)).item() == pytest.approx((2 / 16) ** 0.5)
