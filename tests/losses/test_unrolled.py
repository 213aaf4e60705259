"""Gradients through a chain of calls."""

import pytest
import torch
from linear_model import LinearModel, Window

from neuralpde.losses import MeanSquared, OneStep, Unrolled


def _window() -> Window:
    frames = torch.randn(3, 7, 1, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return Window(frames, torch.tensor([0.0, 0.5, 1.0], dtype=torch.float64), torch.zeros(3, 0, dtype=torch.float64))


def _loss(weight: float, objective) -> tuple[float, float]:
    model = LinearModel(weight, horizon=2)
    loss = objective(model, _window(), domain=None, graph=None, epoch=0, generator=torch.Generator())
    loss.backward()
    return loss.item(), model.weight.grad.item()


def test_value_by_hand():
    # u = 1 at t = 2, dt 0.5, weight 2: 2·1 + 2 = 4, then 2·4 + 2.5 = 10.5; labels 3 and 10
    frames = torch.tensor([1.0, 3.0, 10.0], dtype=torch.float64).view(1, 3, 1, 1)
    window = Window(frames, torch.tensor([2.0], dtype=torch.float64), torch.zeros(1, 0, dtype=torch.float64))
    loss = Unrolled(MeanSquared(), 2)(LinearModel(2.0), window, domain=None, graph=None, epoch=0, generator=torch.Generator())
    assert loss.item() == pytest.approx((1.0 + 0.25) / 2, rel=1e-12)


def test_gradient_equals_finite_difference():
    objective, step = Unrolled(MeanSquared(), 3), 1e-6
    difference = (_loss(0.8 + step, objective)[0] - _loss(0.8 - step, objective)[0]) / (2 * step)
    assert _loss(0.8, objective)[1] == pytest.approx(difference, rel=1e-8)


def test_one_step_is_the_special_case():
    assert _loss(0.8, Unrolled(MeanSquared(), 1)) == _loss(0.8, OneStep(MeanSquared()))


def test_no_steps_are_refused():
    with pytest.raises(ValueError, match="Unrolled: num_steps needs to be at least 1, got 0; give"):
        Unrolled(MeanSquared(), 0)
