"""Guesses from classical solvers and from trained networks."""

import functools
import math

import pytest
import torch

from neuralpde.equations import Advection, KuramotoSivashinsky
from neuralpde.grids import Grid
from neuralpde.models import CoarseSolver, Conditions, Difference, DilatedResNet, NeuralStepper, TrainedGuess
from neuralpde.solvers import ExponentialRungeKutta

GRID = Grid((64,), 0.0, 64.0)


def smooth(batch=3, modes=12, grid=GRID):
    generator = torch.Generator().manual_seed(0)
    x = 2 * math.pi * grid.coordinates() / grid.lengths[0]
    waves = [torch.randn(batch, 1, generator=generator, dtype=torch.float64) * torch.cos(m * x + m) / m for m in range(1, modes)]
    return torch.stack(waves).sum(0).view(batch, 1, 1, -1)


def guess_of(guess, window, coefficients, horizon=1, dt=0.2):
    conditions = Conditions(torch.zeros(len(window)), coefficients, GRID)
    return guess(window, conditions, coefficients=coefficients, horizon=horizon, dt=dt)


def test_on_the_grid_of_the_data_it_is_the_solver_with_the_coefficients_of_each_trajectory():
    window, viscosity = smooth(), torch.tensor([[0.6], [1.0], [1.4]], dtype=torch.float64)
    guess = CoarseSolver(KuramotoSivashinsky, functools.partial(ExponentialRungeKutta, substeps=4), coefficients=["viscosity"], constants={"pace": 1.1})
    exact = ExponentialRungeKutta(KuramotoSivashinsky(viscosity[:, 0], pace=1.1), GRID, 0.2, substeps=4)
    pred = guess_of(guess, window, viscosity, horizon=3)
    state = window[:, 0]
    for step in range(3):
        state = exact(state)
        torch.testing.assert_close(pred[:, step], state, rtol=0, atol=1e-10)


@pytest.mark.parametrize("points", [32, 48])
def test_coarse_grid_advects_what_it_resolves_and_keeps_the_rest(points):
    """u_t + c u_x = 0 is exact in every mode; a mode beyond the coarse grid's stays where it is."""
    window = smooth()
    guess = CoarseSolver(Advection, ExponentialRungeKutta, shape=[points], coefficients=["velocity"])
    pred = guess_of(guess, window, torch.full((3, 1), 5.0, dtype=torch.float64))
    torch.testing.assert_close(pred, window.roll(1, -1), rtol=0, atol=1e-9)
    if points == 48:  # mode 30 is no multiple of anything the coarse grid could mistake it for: it is left out by the trigonometric polynomial
        fine = torch.cos(2 * math.pi * 30 * GRID.coordinates() / 64).view(1, 1, 1, -1).expand(3, 1, 1, -1)
        torch.testing.assert_close(guess_of(guess, window + fine, torch.full((3, 1), 5.0, dtype=torch.float64)), pred + fine, rtol=0, atol=1e-9)


def test_single_precision_stays():
    guess = CoarseSolver(KuramotoSivashinsky, ExponentialRungeKutta)
    assert guess_of(guess, smooth().float(), torch.zeros(3, 0)).dtype == torch.float32


def test_wrong_coefficients_are_refused():
    with pytest.raises(ValueError, match=r"expected a Grid and the coefficients \['viscosity'\], got Grid and 0 coefficients"):
        guess_of(CoarseSolver(KuramotoSivashinsky, ExponentialRungeKutta, coefficients=["viscosity"]), smooth(), torch.zeros(3, 0))


def test_trained_network_is_frozen_and_stays_in_evaluation_mode():
    backbone = DilatedResNet(1, 1, ndim=1, num_coefficients=0, hidden_channels=4, num_blocks=1)
    stepper = NeuralStepper(backbone, channels=1, history=1, horizon=1, dt=0.2, time_scale=1.0, output=Difference())
    guess, window = TrainedGuess(stepper), smooth().float()
    guess.train()
    pred = guess_of(guess, window, torch.zeros(3, 0))
    assert not guess.training and not stepper.training and not pred.requires_grad
    assert not any(parameter.requires_grad for parameter in guess.parameters())
    torch.testing.assert_close(pred, stepper.bind(GRID, torch.zeros(3, 0)).advance(window))


def test_a_trajectory_that_blows_up_takes_no_other_with_it():
    window = smooth(batch=5)
    window[3] *= 1e200
    guess = CoarseSolver(KuramotoSivashinsky, ExponentialRungeKutta)
    pred = guess_of(guess, window, torch.zeros(5, 0))
    assert pred[3].isnan().all() and pred[[0, 1, 2, 4]].isfinite().all()
    torch.testing.assert_close(pred[:3], guess_of(guess, window[:3], torch.zeros(3, 0)))
