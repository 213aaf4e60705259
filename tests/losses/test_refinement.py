"""One denoising pass as an objective."""

import pytest
import torch
from linear_model import LinearModel, Window

from neuralpde.grids import Grid
from neuralpde.losses import MeanSquared, OneStep, Refinement
from neuralpde.models import Difference, Diffusion, DilatedResNet, ExponentialBetas, RefinedStepper, Refining, UNet

GRID = Grid((16,))


def model_of(backbone, denoising):
    return RefinedStepper(backbone, denoising=denoising, channels=1, history=1, horizon=1, dt=1.0, time_scale=1.0, output=Difference(0.3))


def window_of(batch, seed=0):
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(batch, 1, 1, 16, generator=generator)
    change = 0.3 * torch.randn(batch, 1, 1, 16, generator=generator)
    return Window(torch.cat([start, start + change], dim=1), torch.zeros(batch), torch.zeros(batch, 0))


def loss_of(model, window, seed=0, objective=None):
    generator = torch.Generator().manual_seed(seed)
    return (objective or Refinement(MeanSquared()))(model, window, domain=GRID, graph=None, epoch=0, generator=generator)


@pytest.mark.parametrize("denoising", [Refining(3, 2e-7), Diffusion(ExponentialBetas(3, 4e-7))], ids=["paper", "released"])
def test_initial_loss_of_a_network_that_returns_zero(denoising):
    """The target's units have unit variance here; 0.998 for the original on its data."""
    model = model_of(UNet(2, 1, ndim=1, num_coefficients=0, hidden_channels=8, level=True), denoising)
    assert loss_of(model, window_of(4096)).item() == pytest.approx(0.998, abs=0.01)


def test_without_refinements_it_is_the_one_step_error_in_output_units():
    torch.manual_seed(0)
    model = model_of(DilatedResNet(2, 1, ndim=1, num_coefficients=0, hidden_channels=8, num_blocks=1, level=True), Refining(0))
    window = window_of(8)
    torch.testing.assert_close(loss_of(model, window), loss_of(model, window, objective=OneStep(MeanSquared(0.3))))


def test_passes_noise_and_loss_are_functions_of_the_generator():
    torch.manual_seed(0)
    model = model_of(DilatedResNet(2, 1, ndim=1, num_coefficients=0, hidden_channels=8, num_blocks=1, level=True), Refining(3, 1e-3))
    assert loss_of(model, window_of(8), 1) == loss_of(model, window_of(8), 1) != loss_of(model, window_of(8), 2)


def test_every_pass_is_trained():
    seen = []
    model = model_of(DilatedResNet(2, 1, ndim=1, num_coefficients=0, hidden_channels=8, num_blocks=1, level=True), Refining(3, 1e-3))
    model.backbone.register_forward_hook(lambda module, inputs, output: seen.append(inputs[1].level))
    loss_of(model, window_of(4000))
    shares = [(torch.cat(seen) - level).abs().lt(1e-3).float().mean().item() for level in model.denoising.levels]
    assert shares == pytest.approx([0.25] * 4, abs=0.03)


def test_another_model_is_refused():
    with pytest.raises(TypeError, match="Refinement: expected a RefinedStepper, got LinearModel; choose stepper=refiner"):
        loss_of(LinearModel(1.0), window_of(2))
