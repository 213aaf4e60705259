import math

import pytest
import torch

from neuralpde.losses import ByReverseMode, ByTaylorMode, LaplacianBy
from neuralpde.models import MLP, constrain
from neuralpde.problems import TaylorGreen

BOTH = pytest.mark.parametrize("differentiation", [ByReverseMode(), ByTaylorMode()], ids=lambda d: type(d).__name__)


def solution(problem):
    """ω and ψ = ω/(2k²)."""

    def u(x):
        vorticity = problem.equation.exact(x[..., 2:], x[..., :1], x[..., 1:2], problem.wavenumber, problem.amplitude)
        return torch.cat([vorticity, vorticity / (2 * problem.wavenumber**2)], dim=-1)

    return u


@BOTH
def test_both_parts_of_the_residual_vanish_on_the_vortices(differentiation, generator):
    problem = TaylorGreen(0.1, wavenumber=2, amplitude=0.7)
    u, x = solution(problem), problem.domain.sample(12, generator, torch.float64)
    assert differentiation.residual(problem, u, x, generator).abs().max() < 1e-13
    scores = problem.scores(u, x)
    assert scores["relative_l2"] == 0 and scores["trivial"] > 0.1


@BOTH
def test_parts_of_the_residual_of_another_flow(differentiation, generator):
    """ω = sin x and ψ = y: v = (1, 0), so transport and diffusion leave cos x + ν sin x; the defect is Δψ + ω = sin x."""
    problem = TaylorGreen(0.1)
    x = problem.domain.sample(12, generator, torch.float64)
    found = differentiation.residual(problem, lambda x: torch.cat([torch.sin(x[..., :1]), x[..., 1:2]], dim=-1), x, generator)
    expected = torch.stack([torch.cos(x[:, 0]) + 0.1 * torch.sin(x[:, 0]), torch.sin(x[:, 0])], dim=1)
    torch.testing.assert_close(found, expected)


def test_network_is_periodic_and_starts_from_the_vortices(generator):
    problem = TaylorGreen()
    torch.manual_seed(0)
    network = constrain(problem, MLP(problem.num_coordinates, problem.num_fields, width=8)).double()
    x = problem.domain.sample(6, generator, torch.float64)
    start = x * torch.tensor([1.0, 1.0, 0.0], dtype=torch.float64)
    torch.testing.assert_close(network(start), solution(problem)(start))
    torch.testing.assert_close(network(x), network(x + torch.tensor([2 * math.pi, -2 * math.pi, 0.0], dtype=torch.float64)))
    torch.testing.assert_close(*(d.residual(problem, network, x, generator) for d in (ByReverseMode(), ByTaylorMode())))


def test_soft_initial_values_are_those_of_the_vorticity(generator):
    (start,) = TaylorGreen(constrained=False).conditions
    x = start.sample(7, generator, torch.float64)
    misfit = start.misfit(lambda x: solution(TaylorGreen())(x) + torch.tensor([0.5, 9.0]), x)
    torch.testing.assert_close(misfit, torch.full((7,), 0.5, dtype=torch.float64))


def test_what_does_not_fit_is_refused(generator):
    with pytest.raises(ValueError, match=r"TaylorGreen: needs a whole wavenumber of at least 1, got 0\.5"):
        TaylorGreen(wavenumber=0.5)
    problem = TaylorGreen()
    with pytest.raises(TypeError, match="TaylorGreen: needs a provider of derivatives at points, got StochasticTaylor"):
        LaplacianBy().residual(problem, MLP(3, 2, width=4), problem.domain.sample(3, generator), generator)
