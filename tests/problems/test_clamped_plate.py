from functools import partial

import pytest
import torch

from neuralpde.derivatives import GaussianDirections
from neuralpde.losses import BiharmonicBy, ByReverseMode
from neuralpde.models import MLP, constrain
from neuralpde.problems import ClampedAnnulus


def network_of(problem):
    """The solution in operations that jets know too."""

    def u(x):
        s = (x * x).sum(-1, keepdim=True)
        single = (s - 1) * (4 - s)
        pairs = (x[..., :-1] * x[..., 1:] * problem.pairs).sum(-1, keepdim=True)
        return single * single * (problem.constant + (x * problem.linear).sum(-1, keepdim=True) + pairs)

    return u


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("differentiation", [ByReverseMode(), BiharmonicBy()], ids=lambda d: type(d).__name__)
def test_residual_of_the_solution_is_zero(ndim, differentiation, generator):
    problem = ClampedAnnulus(ndim, seed=2)
    x = problem.domain.sample(6, generator, torch.float64)
    torch.testing.assert_close(network_of(problem)(x).squeeze(1), problem.exact(x))
    assert differentiation.residual(problem, network_of(problem), x, generator).abs().max() < 1e-8 * problem.source(x).abs().max()


def test_estimated_residual_of_the_solution_is_zero_in_the_mean(generator):
    problem = ClampedAnnulus(4, seed=2)
    x = problem.domain.sample(3, generator, torch.float64)
    estimate = BiharmonicBy(partial(GaussianDirections, count=4000)).residual(problem, network_of(problem), x, generator)
    assert (estimate.abs() / problem.source(x).abs().max()).max() < 0.2


def test_ansatz_is_clamped(generator):
    problem = ClampedAnnulus(3)
    network = constrain(problem, MLP(3, width=8)).double()
    x = problem.domain.sample_boundary(10, generator, torch.float64).requires_grad_()
    value = network(x)
    (gradient,) = torch.autograd.grad(value.sum(), x)
    assert value.abs().max() < 1e-12 and gradient.abs().max() < 1e-11
