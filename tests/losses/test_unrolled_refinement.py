"""All passes of a sample as an objective."""

import pytest
import torch
from linear_model import LinearModel, Window

from neuralpde.grids import Grid
from neuralpde.losses import MeanSquared, OneStep, Refinement, UnrolledRefinement
from neuralpde.models import Difference, DilatedResNet, RefinedStepper, Refining, SignalPrediction

GRID = Grid((16,))


def model_of(denoising):
    torch.manual_seed(0)
    backbone = DilatedResNet(2, 1, ndim=1, num_coefficients=0, hidden_channels=8, num_blocks=1, level=True)
    return RefinedStepper(backbone, denoising=denoising, channels=1, history=1, horizon=1, dt=1.0, time_scale=1.0, output=Difference(0.3))


def window_of(batch):
    generator = torch.Generator().manual_seed(0)
    frames = torch.randn(batch, 2, 1, 16, generator=generator)
    return Window(frames, torch.zeros(batch), torch.zeros(batch, 0))


def loss_of(model, window, objective=None):
    objective = objective or UnrolledRefinement(MeanSquared())
    return objective(model, window, domain=GRID, graph=None, epoch=0, generator=torch.Generator().manual_seed(1))


def test_it_is_the_mean_of_the_errors_after_each_pass_of_the_sample_itself():
    model, window = model_of(Refining(2, 1e-2, SignalPrediction())), window_of(3)
    conditions = model.conditions(window.time, window.coefficients, GRID, None)
    passes = model.passes(window.frames[:, :1], conditions, torch.Generator().manual_seed(1))
    errors = [((pred - window.frames[:, 1:]) / 0.3).square().mean() for pred in passes]
    torch.testing.assert_close(loss_of(model, window).mean(), torch.stack(errors).mean())
    torch.testing.assert_close(passes[-1], model(window.frames[:, :1], conditions, torch.Generator().manual_seed(1)))


@pytest.mark.parametrize("objective", [Refinement, OneStep])
def test_without_refinements_it_is_one_pass(objective):
    model, window = model_of(Refining(0)), window_of(4)
    torch.testing.assert_close(loss_of(model, window), loss_of(model, window, objective(MeanSquared(0.3 if objective is OneStep else 1.0))))


def test_the_derivative_runs_through_all_passes():
    """Against finite differences: stopping it between the passes would change it."""
    model, window = model_of(Refining(2, 1e-2, SignalPrediction(0.1))).double(), window_of(2)
    window = Window(window.frames.double(), window.time.double(), window.coefficients.double())
    loss_of(model, window).mean().backward()
    weight = next(model.backbone.parameters())
    direction = torch.randn(weight.shape, generator=torch.Generator().manual_seed(2), dtype=weight.dtype)
    step = 1e-5
    with torch.no_grad():
        values = []
        for sign in (1, -1):
            weight += sign * step * direction
            values.append(loss_of(model, window).mean().item())
            weight -= sign * step * direction
    assert (weight.grad * direction).sum().item() == pytest.approx((values[0] - values[1]) / (2 * step), rel=1e-6)


def test_another_model_is_refused():
    with pytest.raises(TypeError, match="UnrolledRefinement: expected a RefinedStepper, got LinearModel; choose stepper=refiner"):
        loss_of(LinearModel(1.0), window_of(2))
