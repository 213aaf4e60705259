import math

import pytest
import torch
from score_vector import vector

from neuralpde.grids import Grid
from neuralpde.metrics import cosine_similarity, pearson, pooled_pearson, quadrature_weights, the_well_pearson


def test_known_vector():
    pred, ref = vector()
    assert pearson(pred, ref).mean().item() == pytest.approx(0.993730, abs=1e-6)
    assert the_well_pearson(pred, ref).mean().item() == pytest.approx(0.992621, abs=1e-6)
    assert cosine_similarity(pred, ref).mean().item() == pytest.approx(0.994284, abs=1e-6)
    torch.testing.assert_close(pooled_pearson(pred, ref).mean(dim=0), torch.full((3,), 0.994972, dtype=torch.float64), atol=1e-6, rtol=0)


def test_shifted_sines_correlate_by_the_cosine_of_the_shift():
    x = torch.arange(64, dtype=torch.float64) * 2 * math.pi / 64
    shift = torch.tensor([0.0, 0.4, math.pi / 2, math.pi], dtype=torch.float64)
    pred = (5.0 + 3.0 * torch.sin(x + shift[:, None])).reshape(1, 4, 1, 64)
    ref = torch.sin(x).expand(1, 4, 1, 64)
    torch.testing.assert_close(pearson(pred, ref)[0], shift.cos(), atol=1e-14, rtol=0)


def test_weights_on_chebyshev_nodes_give_the_integral_value():
    grid = Grid((33,), lower=-1.0, upper=1.0, periodic=False, nodes="chebyshev")
    x = grid.coordinates().reshape(1, 1, 1, -1)
    # corr(x, x³) on [-1, 1] is (1/5) / √(1/3 · 1/7).
    assert pearson(x**3, x, weights=quadrature_weights(grid)).item() == pytest.approx(math.sqrt(21) / 5, abs=1e-12)


@pytest.mark.parametrize("constant", [0.0, 1 / 3])
def test_constant_fields_have_no_correlation(constant):
    ref = torch.linspace(0, 1, 7).reshape(1, 1, 1, 7)
    flat = torch.full_like(ref, constant)
    assert pearson(flat, ref).isnan().all()
    assert pearson(ref, flat).isnan().all()
    assert pooled_pearson(flat, ref).isnan().all()


def test_blown_up_prediction_is_not_a_number():
    ref = torch.linspace(0, 1, 7).reshape(1, 1, 1, 7)
    assert pearson(ref / 0.0, ref).isnan().all()
