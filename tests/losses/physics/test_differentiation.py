import torch

from neuralpde.equations import KortewegDeVries
from neuralpde.losses import ByReverseMode, ByTaylorMode
from neuralpde.models import MLP, constrain
from neuralpde.problems import InitialBoundaryProblem


def test_taylor_mode_and_reverse_mode_give_the_same_parameter_gradient(generator):
    problem = InitialBoundaryProblem(KortewegDeVries(), lower=[-3.0], upper=[3.0])
    network = constrain(problem, MLP(2, width=8)).double()
    x = problem.domain.sample(7, generator, torch.float64)
    gradients = []
    for differentiation in (ByReverseMode(), ByTaylorMode()):
        residual = differentiation.residual(problem, network, x, generator)
        assert residual.shape == (7,)
        gradients.append(torch.autograd.grad(residual.square().mean(), list(network.parameters()), materialize_grads=True, allow_unused=True))
    for a, b in zip(*gradients, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-10)
