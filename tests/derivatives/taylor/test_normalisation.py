import pytest
import torch
import torch.nn.functional as F
from taylor_oracle import assert_jets_are_right, nested, points, projected, random_series
from torch import nn

from neuralpde.derivatives import jet

W, B = points(4, seed=3), points(4, seed=4)


def layer_norm_by_hand(x):
    z = x - x.mean(-1, keepdim=True)
    return z * ((z * z).mean(-1, keepdim=True) + 1e-5) ** -0.5 * W + B


def group_norm_by_hand(x):
    z = x.reshape(x.shape[0], 2, -1)
    z = z - z.mean(-1, keepdim=True)
    return (z * ((z * z).mean(-1, keepdim=True) + 1e-5) ** -0.5).reshape(x.shape) * W[:, None] + B[:, None]


def rms_norm_by_hand(x):
    return x * ((x * x).mean(-1, keepdim=True) + 1e-6) ** -0.5 * W


PAIRS = {
    "layer": (lambda x: F.layer_norm(x, (4,), W, B), layer_norm_by_hand, (3, 4)),
    "group": (lambda x: F.group_norm(x, 2, W, B), group_norm_by_hand, (2, 4, 3)),
    "rms": (lambda x: F.rms_norm(x, (4,), W, 1e-6), rms_norm_by_hand, (3, 4)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_against_the_form_written_out(name):
    """By nested reverse mode of the written-out form: torch's own layer_norm is wrong in some modes from order two on."""
    layer, by_hand, shape = PAIRS[name]
    x = points(*shape)
    series = random_series(x, 5)
    values = jet(layer, x, series)
    torch.testing.assert_close(values[0], by_hand(x))
    for value, reference in zip(values[1:], nested(by_hand, x, series), strict=True):
        torch.testing.assert_close(projected(value), reference, rtol=1e-10, atol=1e-10)


def test_module_of_a_transformer_in_double_backward():
    """Gradients of a Laplacian-like loss with respect to the parameters, against the form written out."""
    torch.manual_seed(0)
    layer = nn.LayerNorm(4).double()
    with torch.no_grad():
        layer.weight.copy_(W)
        layer.bias.copy_(B)
    x, v = points(3, 4).requires_grad_(), points(3, 4, seed=1)
    second = jet(lambda y: torch.tanh(layer(y)), x, [v, None])[2]
    gradients = torch.autograd.grad(second.square().sum(), [layer.weight, layer.bias, x])
    weight, bias = W.clone().requires_grad_(), B.clone().requires_grad_()
    z = x - x.mean(-1, keepdim=True)

    def by_hand(y):
        z = y - y.mean(-1, keepdim=True)
        return torch.tanh(z / ((z * z).mean(-1, keepdim=True) + 1e-5).sqrt() * weight + bias)

    s = torch.zeros(3, 1, dtype=torch.float64, requires_grad=True)
    w = torch.ones(3, 4, dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad((by_hand(x + s * v) * w).sum(), s, create_graph=True)
    (twice,) = torch.autograd.grad(first.sum(), s, create_graph=True)
    (per_output,) = torch.autograd.grad(twice.sum(), w, create_graph=True)
    expected = torch.autograd.grad(per_output.square().sum(), [weight, bias, x])
    for gradient, reference in zip(gradients, expected, strict=True):
        torch.testing.assert_close(gradient, reference, rtol=1e-8, atol=1e-9)
    assert z.shape == x.shape


def test_batch_norm_uses_running_statistics_only():
    layer = nn.BatchNorm1d(3).double()
    layer.running_mean.copy_(points(3))
    layer.running_var.copy_(points(3, positive=True))
    with pytest.raises(TypeError, match=r"Jet: batch_norm needs running statistics, got training mode, which mixes the points; call eval\(\)"):
        jet(layer, points(4, 3), [points(4, 3)])
    assert_jets_are_right(lambda x: layer.eval()(torch.sin(x)), points(4, 3), order=5)


CASES = {
    "vector norm": lambda x: torch.linalg.vector_norm(x, dim=-1, keepdim=True),
    "norm": lambda x: torch.norm(x, dim=1) + x.norm(),
    "p-norm": lambda x: torch.linalg.vector_norm(x, 4, dim=-1),
    "normalize": lambda x: F.normalize(x, dim=-1),
    "softmax": lambda x: F.softmax(3 * x, dim=-1),
    "log softmax": lambda x: F.log_softmax(x, dim=0),
    "logsumexp": lambda x: torch.logsumexp(x, dim=-1) + x.logsumexp(-1),
}


@pytest.mark.parametrize("name", CASES)
def test_norms_and_softmax(name):
    assert_jets_are_right(CASES[name], points(2, 3), order=6)


def test_softmax_of_large_numbers_stays_finite():
    value, first = jet(lambda x: F.softmax(x, dim=-1), torch.tensor([1000.0, 1000.0]), [torch.tensor([1.0, 0.0])])
    torch.testing.assert_close(value, torch.tensor([0.5, 0.5]))
    torch.testing.assert_close(first, torch.tensor([0.25, -0.25]))


def test_kinked_norm_is_refused():
    with pytest.raises(TypeError, match="Jet: a smooth norm needs an even p, got 1; write it with smooth operations"):
        jet(lambda x: torch.linalg.vector_norm(x, 1), points(3), [points(3)])
