"""A guess and its correction."""

import functools

import torch
from torch import nn

from neuralpde.equations import KuramotoSivashinsky
from neuralpde.grids import Grid
from neuralpde.models import Backbone, CoarseSolver, CorrectedStepper, Difference
from neuralpde.rollout import rollout
from neuralpde.solvers import ExponentialRungeKutta

GRID = Grid((32,), 0.0, 32.0)


class Sum(Backbone):
    """factor · (sum of all frames)."""

    def __init__(self, factor):
        super().__init__()
        self.factor, self.seen = nn.Parameter(torch.tensor(factor)), []

    def forward(self, frames, conditions):
        self.seen.append(frames)
        return self.factor * frames.sum(1, keepdim=True)


def hybrid(factor, solver=ExponentialRungeKutta):
    guess = CoarseSolver(KuramotoSivashinsky, solver, coefficients=["viscosity"])
    return CorrectedStepper(
        Sum(factor), guess=guess, channels=1, history=1, horizon=1, dt=0.2, time_scale=4.0, coefficient_scale=(2.0,), output=Difference(0.5)
    )


def test_without_correction_the_rollout_is_that_of_the_solver():
    """Physical coefficients reach the solver, whatever the scale the network is told them in."""
    start, viscosity = torch.randn(2, 1, 1, 32, generator=torch.Generator().manual_seed(0), dtype=torch.float64), torch.tensor([[0.8], [1.2]])
    solver = functools.partial(ExponentialRungeKutta, substeps=2)
    pred = rollout(hybrid(0.0, solver).double().bind(GRID, viscosity.double()), start, 5)
    exact = rollout(solver(KuramotoSivashinsky(viscosity[:, 0].double()), GRID, 0.2), start, 5)
    torch.testing.assert_close(pred, exact, rtol=0, atol=1e-6)


def test_correction_sees_history_and_guess_and_is_added_to_the_guess():
    model, window = hybrid(2.0), torch.randn(2, 1, 1, 32)
    conditions = model.conditions(torch.zeros(2), torch.ones(2, 1), GRID)
    pred = model(window, conditions)
    (frames,) = model.backbone.seen
    assert torch.equal(frames[:, :1], window[:, 0])
    torch.testing.assert_close(pred[:, 0], frames[:, 1:] + 0.5 * 2.0 * frames.sum(1, keepdim=True))


def test_gradient_reaches_the_correction_only():
    model = hybrid(1.0)
    model(torch.randn(2, 1, 1, 32), model.conditions(torch.zeros(2), torch.ones(2, 1), GRID)).square().mean().backward()
    assert model.backbone.factor.grad.abs() > 0 and [name for name, _ in model.named_parameters()] == ["backbone.factor"]
