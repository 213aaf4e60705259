import pytest
import torch

from neuralpde.models import BoxFlow


def bent_flow(ndim=2):
    """A flow far from the identity."""
    flow = BoxFlow(ndim, couplings=4, width=16).double()
    generator = torch.Generator().manual_seed(3)
    for parameter in flow.parameters():
        parameter.data = 0.4 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    return flow


@torch.no_grad()
def test_density_integrates_to_one():
    n = 400
    axis = (torch.arange(n, dtype=torch.float64) + 0.5) / n
    points = torch.cartesian_prod(axis, axis)
    density = bent_flow().log_prob(points).exp()
    assert density.max() > 2 and density.mean().item() == pytest.approx(1.0, abs=5e-3)


@torch.no_grad()
def test_untrained_flow_is_uniform(generator):
    x = BoxFlow(3)(torch.rand(1000, 3, generator=generator))
    assert BoxFlow(3).log_prob(x).abs().max() < 1e-4 and abs(x.mean() - 0.5) < 0.03


def test_density_is_that_of_the_points_it_draws(generator):
    """p(x) |∂x/∂u| = 1 for the map from uniform u to x."""
    flow = bent_flow(3)
    u = torch.rand(20, 3, generator=generator, dtype=torch.float64) * 0.8 + 0.1
    jacobian = torch.func.vmap(torch.func.jacrev(lambda z: flow(z[None])[0]))(u)
    torch.testing.assert_close(flow.log_prob(flow(u)), -torch.linalg.slogdet(jacobian)[1], rtol=1e-8, atol=1e-8)


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="a single coordinate cannot be coupled"):
        BoxFlow(1)
