import pytest
import torch
from torch import nn

from neuralpde.losses import Fixed, GradientNorm, NeuralTangentTrace
from neuralpde.losses.physics import jacobian, tangent_trace
from neuralpde.models import MLP


def two_terms():
    theta = nn.Parameter(torch.tensor([1.0, 2.0]))
    return theta, {"residual": 3 * theta[0] ** 2, "boundary": 0.5 * theta[1] ** 2}  # gradients 6 and 2, along different axes


def update(weighting, terms, theta, step):
    weighting.update(terms, [theta], residuals=dict, step=step)


def test_fixed_weights():
    _, terms = two_terms()
    assert Fixed({"boundary": 10.0}).total(terms).item() == 3 + 10 * 2.0


def test_gradient_norms_become_equal():
    theta, terms = two_terms()
    weighting = GradientNorm(["residual", "boundary"], every=5, momentum=0.0)
    update(weighting, terms, theta, 1)
    assert weighting.total(terms).item() == 5.0  # not yet: step 1 is no multiple of 5
    update(weighting, terms, theta, 5)
    torch.testing.assert_close(weighting.running, torch.tensor([8 / 6, 8 / 2]))
    norms = [torch.autograd.grad(weighting.weights()[name] * term, theta, retain_graph=True)[0].norm() for name, term in terms.items()]
    torch.testing.assert_close(norms[0], norms[1])
    assert not weighting.total(terms).isnan() and not weighting.weights()["boundary"].requires_grad


def test_momentum_averages_and_is_stored():
    theta, terms = two_terms()
    weighting = GradientNorm(["residual", "boundary"], every=1, momentum=0.9)
    update(weighting, terms, theta, 0)
    torch.testing.assert_close(weighting.running, torch.tensor([0.9 + 0.1 * 8 / 6, 0.9 + 0.1 * 4.0]))
    other = GradientNorm(["residual", "boundary"])
    other.load_state_dict(weighting.state_dict())
    assert torch.equal(other.running, weighting.running)


def exact_trace(residual, parameters):
    return jacobian(residual, parameters).square().sum()


def test_trace_of_the_tangent_kernel_of_a_small_network(generator):
    torch.manual_seed(0)
    network = MLP(2, 2, width=5).double()
    parameters = list(network.parameters())
    residual = network(torch.rand(7, 2, generator=generator, dtype=torch.float64)).sin()
    exact = exact_trace(residual, parameters)
    single = torch.stack([tangent_trace(residual, parameters, generator, 1) for _ in range(400)])
    assert abs(single.mean() - exact) < 4 * single.std() / 20 and single.std() < 2**0.5 * exact
    one = residual[:1, :1]  # a single residual: the kernel is a number, and every probe is exact
    torch.testing.assert_close(tangent_trace(one, parameters, generator, 1), exact_trace(one, parameters))


def test_tangent_kernels_become_equal(generator):
    """Residuals aθ₁ and bθ₂ at a few points each: Tr K/n is the mean of a² and of b², whatever the losses and however many points."""
    theta = nn.Parameter(torch.tensor([1.0, 1e-3, 5.0]))
    residuals = {"residual": torch.tensor([3.0]) * theta[0], "boundary": torch.diag(torch.tensor([1.0, 2.0])) @ theta[1:]}
    losses = {name: residual.square().mean() for name, residual in residuals.items()}
    weighting = NeuralTangentTrace(["residual", "boundary"], every=1, momentum=0.0, probes=3)
    weighting.update(losses, [theta], residuals=lambda: residuals, step=0)
    torch.testing.assert_close(weighting.running, torch.tensor([11.5 / 9, 11.5 / 2.5]))


def test_weights_of_no_term_are_refused():
    """A name that is misspelt would otherwise leave the term with weight 1."""
    theta, terms = two_terms()
    with pytest.raises(ValueError, match=r"Fixed: weights need names of terms of the loss, \['residual', 'boundary'\], got \['boundry'\]; rename"):
        Fixed({"boundry": 10.0}).total(terms)
    with pytest.raises(ValueError, match=r"GradientNorm: weights need names of terms .* got \['walls'\]"):
        update(GradientNorm(["residual", "walls"]), terms, theta, 0)
