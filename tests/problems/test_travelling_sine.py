import math

import pytest
import torch

from neuralpde.losses import ByReverseMode, ByTaylorMode, MeanSquare
from neuralpde.models import MLP, constrain
from neuralpde.problems import TravellingSine


@pytest.mark.parametrize("differentiation", [ByReverseMode(), ByTaylorMode()])
def test_the_solution_has_no_residual_and_any_other_speed_has(differentiation, generator):
    problem = TravellingSine(30.0, end=2.0)
    x = problem.domain.sample(50, generator, torch.float64)

    def wave(speed):
        return lambda x: torch.sin(x[..., :1] - speed * x[..., 1:2])

    assert MeanSquare(differentiation)(problem, wave(30.0), x, generator) < 1e-20
    expected = (x[:, 0] - 29 * x[:, 1]).cos().square().mean()  # (−29 + 30) cos
    torch.testing.assert_close(MeanSquare(differentiation)(problem, wave(29.0), x, generator), expected)
    assert problem.scores(wave(30.0), x)["relative_l2"] < 1e-12


def test_a_network_starts_from_the_sine_and_is_periodic(generator):
    problem = TravellingSine()
    network = constrain(problem, MLP(problem.num_coordinates, width=8)).double()
    x = problem.domain.sample(20, generator, torch.float64)
    start = x * torch.tensor([1.0, 0.0], dtype=torch.float64)
    torch.testing.assert_close(network(start)[:, 0], start[:, 0].sin())
    torch.testing.assert_close(network(x + torch.tensor([2 * math.pi, 0.0], dtype=torch.float64)), network(x))
    assert (network(x)[:, 0] - x[:, 0].sin()).abs().max() > 1e-3


def test_initial_values_as_a_term(generator):
    (condition,) = TravellingSine(constrained=False).conditions
    x = condition.sample(20, generator)
    assert condition.name == "initial" and (x[:, 1] == 0).all() and x[:, 0].max() > 5
    torch.testing.assert_close(condition.misfit(lambda x: 2 * torch.sin(x[:, :1]), x), x[:, 0].sin())
