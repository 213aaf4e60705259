import pytest
import torch
from taylor_oracle import assert_jets_are_right, points
from torch import nn

from neuralpde.derivatives import Jet, jet
from neuralpde.derivatives.taylor import Truncation


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.LayerNorm(6), nn.Linear(6, 6), nn.GELU(), nn.Linear(6, 2)).double()


def test_modules_run_unchanged():
    assert_jets_are_right(network(), points(4, 3), order=9)


def test_an_unknown_operation_is_named():
    with pytest.raises(TypeError, match=r"Jet: needs a Taylor rule for every operation, got 'fft_fft' without one; rewrite it with supported operations"):
        jet(torch.fft.fft, points(4), [points(4)])
    with pytest.raises(TypeError, match="got 'digamma' without one"):
        jet(torch.digamma, points(4), [points(4)])


def test_methods_and_functions_agree():
    x = points(2, 3, positive=True)

    def both(y):
        pairs = [(y.sin(), torch.sin(y)), (y.mul(2.0), 2.0 * y), (y.add(y), y + y), (y.pow(2), y**2), (y.div(2.0), y / 2), (y.contiguous(), y)]
        return sum((a - b).square() for a, b in pairs) + y * 0.0

    for entry in jet(both, x, [x, None]):
        assert torch.count_nonzero(entry) == 0


def test_shape_of_a_tensor():
    y = Jet([points(2, 3), None], Truncation.line(1))
    assert (y.size(), y.size(1), y.dim(), y.numel(), len(y)) == ((2, 3), 3, 2, 6, 2)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_compiles_as_a_whole_and_trains():
    net, x, v = network(), points(4, 3), points(4, 3, seed=1)

    def loss(y):
        return jet(net, y, [v, None, None])[3].square().mean() + (2.0 - jet(net, y, [v, None])[2]).mean()

    compiled = torch.compile(loss, fullgraph=True, backend="aot_eager")
    value = compiled(x)
    value.backward()
    used = list(net.parameters())[:-1]  # no derivative sees the last bias
    torch.testing.assert_close(value, loss(x))
    for gradient, expected in zip([parameter.grad for parameter in used], torch.autograd.grad(loss(x), used), strict=True):
        torch.testing.assert_close(gradient, expected)


def test_inside_vmap():
    net, x = network(), points(4, 3)
    vs = points(5, 4, 3, seed=2)
    mapped = torch.func.vmap(lambda v: jet(net, x, [v, None])[2])(vs)
    torch.testing.assert_close(mapped, torch.stack([jet(net, x, [v, None])[2] for v in vs]))
    per_point = torch.func.vmap(lambda p, v: jet(net, p, [v, None])[2])(x, vs[0])
    torch.testing.assert_close(per_point, mapped[0])


def test_parameter_gradients_are_those_of_nested_reverse_mode():
    net, x, v = network(), points(4, 3), points(4, 3, seed=1)
    used = list(net.parameters())[:-1]  # no derivative sees the last bias
    second = jet(net, x, [v, None])[2]
    gradients = torch.autograd.grad(second.square().sum(), used, create_graph=True)
    hessian = torch.func.vmap(torch.func.jacrev(torch.func.jacrev(_by_hand(net))))(x)
    nested = torch.einsum("pcij,pi,pj->pc", hessian, v, v)
    expected = torch.autograd.grad(nested.square().sum(), used, create_graph=True)
    for gradient, reference in zip(gradients, expected, strict=True):
        torch.testing.assert_close(gradient, reference, rtol=1e-8, atol=1e-10)
    again = torch.autograd.grad(sum(g.square().sum() for g in gradients), used)
    expected = torch.autograd.grad(sum(g.square().sum() for g in expected), used)
    for gradient, reference in zip(again, expected, strict=True):
        torch.testing.assert_close(gradient, reference, rtol=1e-7, atol=1e-9)


def _by_hand(net):
    """The same network with the normalisation written out, since torch differentiates its own wrongly in some modes."""

    def forward(x):
        y = torch.tanh(net[0](x))
        z = y - y.mean(-1, keepdim=True)
        y = z * torch.rsqrt((z * z).mean(-1, keepdim=True) + net[2].eps) * net[2].weight + net[2].bias
        return net[5](torch.nn.functional.gelu(net[3](y)))

    return forward


def test_an_unknown_method_is_named_and_absent():
    with pytest.raises(AttributeError, match="Jet: needs a Taylor rule for every operation, got the attribute 'cumprod' without one; rewrite it"):
        jet(lambda y: y.cumprod(-1), points(4), [points(4)])
    assert not hasattr(Jet([points(4), None], Truncation.line(1)), "grad_fn")
