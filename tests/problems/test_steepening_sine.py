import math

import pytest
import torch

from neuralpde.losses import ByReverseMode, ByTaylorMode
from neuralpde.models import MLP, constrain
from neuralpde.problems import SteepeningSine


def test_quadrature_solves_burgers_equation(generator):
    problem = SteepeningSine()
    x = problem.domain.sample(50, generator, torch.float64)
    x[:, 1] = 0.05 + 0.95 * x[:, 1]  # the square root of the time has no derivative at 0
    residual = ByReverseMode().residual(problem, lambda x: problem.exact(x)[:, None], x, generator)
    assert residual.abs().max() < 1e-8
    assert ByReverseMode().residual(SteepeningSine(0.004), lambda x: problem.exact(x)[:, None], x, generator).abs().max() > 1e-3


def test_front_has_the_published_slope():
    """Largest slope of the solution with viscosity 0.01/π, 152.00516 at t = 1.6037/π (Basdevant et al., 1986, table 4)."""
    problem = SteepeningSine()
    x = torch.tensor([[0.0, 1.6037 / math.pi]], dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(problem.exact(x).sum(), x)
    assert gradient[0, 0].item() == pytest.approx(-152.00516, rel=1e-7)


@pytest.mark.parametrize("constrained", [True, False])
def test_initial_and_boundary_values(constrained, generator):
    problem = SteepeningSine(constrained=constrained)
    torch.manual_seed(0)
    network = constrain(problem, MLP(2, width=8)).double()
    edges = torch.tensor([[0.3, 0.0], [-1.0, 0.5], [1.0, 0.7]], dtype=torch.float64)
    expected = torch.tensor([-math.sin(0.3 * math.pi), 0.0, 0.0], dtype=torch.float64)
    torch.testing.assert_close(problem.exact(edges), expected, atol=1e-12, rtol=0)
    if constrained:
        torch.testing.assert_close(network(edges).squeeze(1), expected, atol=1e-12, rtol=0)
        assert not problem.conditions
    else:
        solution = lambda x: problem.exact(x)[:, None]  # noqa: E731
        assert [condition.name for condition in problem.conditions] == ["initial", "walls"]
        assert all(condition.misfit(solution, condition.sample(9, generator, torch.float64)).abs().max() < 1e-12 for condition in problem.conditions)
    x = problem.domain.sample(6, generator, torch.float64)
    torch.testing.assert_close(*(d.residual(problem, network, x, generator) for d in (ByReverseMode(), ByTaylorMode())))


def test_single_precision_keeps_its_digits(generator):
    problem = SteepeningSine()
    x = problem.domain.sample(20, generator)
    assert problem.exact(x).dtype == torch.float32
    torch.testing.assert_close(problem.exact(x).double(), problem.exact(x.double()), atol=1e-6, rtol=0)
