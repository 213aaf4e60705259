"""Norms against numbers worked out by hand."""

import pytest
import torch

from neuralpde.losses import MeanSquared, RelativeL2, SummedRoot

REF = torch.tensor([[3.0, 4.0], [0.0, 2.0]]).view(2, 1, 1, 2)
PRED = torch.tensor([[3.0, 1.0], [4.0, 2.0]]).view(2, 1, 1, 2)  # errors 3 and 4


@pytest.mark.parametrize(("norm", "value"), [(SummedRoot(), 5.0), (MeanSquared(), 25 / 4), (RelativeL2(), (3 / 5 + 4 / 2) / 2)])
def test_value(norm, value):
    assert norm(PRED, REF).item() == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize("norm", [SummedRoot(), MeanSquared(), RelativeL2()])
def test_gradient_is_finite_where_the_error_vanishes(norm):
    pred = REF.clone().requires_grad_()
    norm(pred, REF).backward()
    assert torch.equal(pred.grad, torch.zeros_like(REF))


def test_relative_norm_of_a_zero_reference_stays_visible():
    assert not torch.isfinite(RelativeL2()(PRED, torch.zeros_like(REF)))


def test_summed_root_gradient_has_unit_length():
    pred = PRED.clone().requires_grad_()
    SummedRoot()(pred, REF).backward()
    assert pred.grad.norm().item() == pytest.approx(1.0)


def test_mean_squared_in_units_of_an_output():
    pred, ref = torch.zeros(2, 1, 1, 4), torch.full((2, 1, 1, 4), 0.6)
    assert MeanSquared(0.3)(pred, ref).item() == pytest.approx(4.0)
