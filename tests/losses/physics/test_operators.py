from functools import partial

import pytest
import torch

from neuralpde.derivatives import RademacherDirections, SparseDirections
from neuralpde.equations import AllenCahn, BackwardHeat, Heat, KortewegDeVries
from neuralpde.losses import ByHand, ByReverseMode, LaplacianBy
from neuralpde.models import MLP, constrain
from neuralpde.problems import EllipticBall, InitialBoundaryProblem, InverseQuadratic, TerminalValueProblem, TwoBody


@pytest.fixture
def elliptic():
    problem = EllipticBall(AllenCahn(), TwoBody(6, seed=3)).double()
    return problem, constrain(problem, MLP(6, width=16)).double()


@pytest.mark.parametrize("kind", [LaplacianBy, ByHand])
@pytest.mark.parametrize(
    "law", [None, partial(SparseDirections, count=6), partial(SparseDirections, count=6, draws=2)], ids=["exact", "all sampled", "mean of two draws"]
)
def test_all_directions_give_the_exact_residual_and_parameter_gradient(elliptic, kind, law, generator):
    problem, network = elliptic
    x = problem.domain.sample(9, generator, torch.float64)
    residuals = [d.residual(problem, network, x, generator) for d in (ByReverseMode(), kind(law))]
    torch.testing.assert_close(*residuals, rtol=1e-10, atol=1e-12)
    gradients = [torch.autograd.grad(r.square().mean(), list(network.parameters())) for r in residuals]
    for a, b in zip(*gradients, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("law", [partial(SparseDirections, count=5), partial(RademacherDirections, count=1)], ids=["sparse", "dense"])
def test_time_is_no_direction_of_the_laplacian(law, generator):
    problem = TerminalValueProblem(BackwardHeat(), InverseQuadratic(), ndim=5, reference=0.5)
    network = MLP(6, width=16).double()
    x = problem.domain.sample(8, generator, torch.float64)
    exact = ByReverseMode().residual(problem, network, x, generator)
    estimates = torch.stack([LaplacianBy(law).residual(problem, network, x, generator) for _ in range(1 if "Sparse" in law.func.__name__ else 300)])
    spread = estimates.std(0) / len(estimates) ** 0.5 if len(estimates) > 1 else torch.full_like(exact, 1e-12)
    assert ((estimates.mean(0) - exact).abs() < 5 * spread + 1e-12).all()


def test_heat_needs_the_laplacian_alone(generator):
    """Its linear part is written as ∇·(a ∇u), for diffusivities that vary."""
    problem = InitialBoundaryProblem(Heat(0.3), lower=[0.0, 0.0], upper=[1.0, 1.0])
    network, x = MLP(3, width=8).double(), problem.domain.sample(5, generator, torch.float64)
    torch.testing.assert_close(LaplacianBy().residual(problem, network, x, generator), ByReverseMode().residual(problem, network, x, generator))
    varying = InitialBoundaryProblem(Heat(torch.ones(1, 5)), lower=[0.0, 0.0], upper=[1.0, 1.0])
    with pytest.raises(TypeError, match=r"StochasticTaylor: a diffusivity needs to be constant in space, got shape \(1, 1, 5\); differentiate by"):
        LaplacianBy().residual(varying, network, x, generator)


def test_other_derivatives_and_networks_are_refused(elliptic, generator):
    problem, network = elliptic
    x = problem.domain.sample(2, generator, torch.float64)
    with pytest.raises(TypeError, match="ByHand: needs a network of type Constrained, got MLP"):
        ByHand().residual(problem, network.network, x, generator)
    kdv = InitialBoundaryProblem(KortewegDeVries(), lower=[-3.0], upper=[3.0])
    with pytest.raises(TypeError, match="StochasticTaylor: knows whole operators only"):
        LaplacianBy().residual(kdv, MLP(2).double(), kdv.domain.sample(2, generator, torch.float64), generator)
