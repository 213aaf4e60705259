import pytest
import torch

from neuralpde.equations import Poisson
from neuralpde.models import MLP, Constrained, constrain
from neuralpde.problems import BallEnvelope, EllipticBall, PeriodicEmbedding, TwoBody


def test_product_rule_by_hand_agrees_with_differentiation(generator):
    network = Constrained(MLP(4, width=8), BallEnvelope()).double()
    x = torch.randn(6, 4, generator=generator, dtype=torch.float64)

    def trace(f):
        return torch.func.vmap(torch.func.hessian(lambda z: f(z[None]).squeeze()))(x).diagonal(dim1=1, dim2=2).sum(-1, keepdim=True)

    value, laplacian = network.laplacian(x, network.network(x), trace(network.network))
    torch.testing.assert_close(value, network(x))
    torch.testing.assert_close(laplacian, trace(network))


def test_lifting_is_met_where_the_envelope_vanishes(generator):
    network = Constrained(MLP(3, width=8), BallEnvelope(), lifting=lambda x: x[:, :1] ** 2)
    x = torch.nn.functional.normalize(torch.randn(5, 3, generator=generator), dim=1)
    torch.testing.assert_close(network(x), x[:, :1] ** 2, rtol=0, atol=1e-6)
    with pytest.raises(TypeError, match="needs an ansatz without lifting"):
        network.laplacian(x, network.network(x), network.network(x))


def test_a_problem_decides():
    assert isinstance(constrain(EllipticBall(Poisson(), TwoBody(3)), MLP(3)), Constrained)
    assert isinstance(constrain(EllipticBall(Poisson(), TwoBody(3), constrained=False), MLP(3)), MLP)


def test_the_embedding_of_a_problem_lies_inside_the_ansatz(generator):
    problem = EllipticBall(Poisson(), TwoBody(3))
    problem.embedding = PeriodicEmbedding([1.0, None, None])
    assert problem.num_coordinates == 4 and problem.domain.ndim == 3
    inner = MLP(4)
    x = torch.rand(5, 3, generator=generator)
    expected = (1 - x.square().sum(1, keepdim=True)) * inner(problem.embedding(x))
    torch.testing.assert_close(constrain(problem, inner)(x), expected)
