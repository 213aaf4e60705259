import pytest
import torch
from score_vector import vector

from neuralpde.metrics import nrmse, relative_l2, vrmse


def test_known_vector():
    pred, ref = vector()
    assert nrmse(pred, ref).mean().item() == pytest.approx(0.110326, abs=1e-6)
    assert nrmse(pred, ref, eps=1e-7).mean().item() == pytest.approx(0.110326, abs=1e-6)
    assert vrmse(pred, ref).mean().item() == pytest.approx(0.137743, abs=1e-6)


def test_spatial_mean_scores_about_one_in_vrmse():
    ref = torch.randn(3, 2, 1, 50, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    pred = ref.mean(dim=-1, keepdim=True).expand_as(ref)
    torch.testing.assert_close(vrmse(pred, ref, eps=0.0), torch.full((3, 2), (49 / 50) ** 0.5, dtype=torch.float64))


def test_relative_l2_joins_channels_and_nrmse_does_not():
    ref = torch.tensor([[3.0, 3.0], [4.0, 4.0]]).reshape(1, 1, 2, 2)
    pred = ref + torch.tensor([3.0, 0.0]).reshape(1, 1, 2, 1)
    assert relative_l2(pred, ref).item() == pytest.approx(3 / 5)
    assert nrmse(pred, ref).item() == pytest.approx(0.5)


def test_vanishing_reference_stays_visible():
    ref = torch.zeros(1, 1, 1, 4)
    assert relative_l2(ref, ref).isnan().all()
    assert nrmse(ref + 1, ref).isinf().all()
    assert nrmse(ref, ref, eps=1e-7).item() == 0.0
