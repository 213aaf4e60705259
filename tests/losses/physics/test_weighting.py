import pytest
import torch
from torch import nn

from neuralpde.losses import Fixed, GradientNorm, NeuralTangentTrace


def two_terms():
    theta = nn.Parameter(torch.tensor([1.0, 2.0]))
    return theta, {"residual": 3 * theta[0] ** 2, "boundary": 0.5 * theta[1] ** 2}  # gradients 6 and 2, along different axes


def test_fixed_weights():
    _, terms = two_terms()
    assert Fixed({"boundary": 10.0}).total(terms).item() == 3 + 10 * 2.0


def test_gradient_norms_become_equal():
    theta, terms = two_terms()
    weighting = GradientNorm(["residual", "boundary"], every=5, momentum=0.0)
    weighting.update(terms, [theta], 1)
    assert weighting.total(terms).item() == 5.0  # not yet: step 1 is no multiple of 5
    weighting.update(terms, [theta], 5)
    torch.testing.assert_close(weighting.running, torch.tensor([8 / 6, 8 / 2]))
    norms = [torch.autograd.grad(weighting.weights()[name] * term, theta, retain_graph=True)[0].norm() for name, term in terms.items()]
    torch.testing.assert_close(norms[0], norms[1])
    assert not weighting.total(terms).isnan() and not weighting.weights()["boundary"].requires_grad


def test_momentum_averages_and_is_stored():
    theta, terms = two_terms()
    weighting = GradientNorm(["residual", "boundary"], every=1, momentum=0.9)
    weighting.update(terms, [theta], 0)
    torch.testing.assert_close(weighting.running, torch.tensor([0.9 + 0.1 * 8 / 6, 0.9 + 0.1 * 4.0]))
    other = GradientNorm(["residual", "boundary"])
    other.load_state_dict(weighting.state_dict())
    assert torch.equal(other.running, weighting.running)


def test_tangent_kernel_rates():
    """L = a θ² has √L = √a θ, so its rate is a, whatever θ."""
    theta, terms = two_terms()
    weighting = NeuralTangentTrace(["residual", "boundary"], every=1, momentum=0.0)
    weighting.update(terms, [theta], 0)
    torch.testing.assert_close(weighting.running, torch.tensor([3.5 / 3, 3.5 / 0.5]))


def test_weights_of_no_term_are_refused():
    """A name that is misspelt would otherwise leave the term with weight 1."""
    theta, terms = two_terms()
    with pytest.raises(ValueError, match=r"Fixed: weights need names of terms of the loss, \['residual', 'boundary'\], got \['boundry'\]; rename"):
        Fixed({"boundry": 10.0}).total(terms)
    with pytest.raises(ValueError, match=r"GradientNorm: weights need names of terms .* got \['walls'\]"):
        GradientNorm(["residual", "walls"]).update(terms, [theta], 0)
