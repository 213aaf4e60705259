import pytest
import torch
import torch.nn.functional as F
from taylor_oracle import assert_jets_are_right, points
from torch import nn

from neuralpde.derivatives import jet

SMOOTH = {
    "tanh module": nn.Tanh(),
    "sigmoid module": nn.Sigmoid(),
    "softplus": nn.Softplus(),
    "softplus sharp": nn.Softplus(beta=2.5),
    "silu": nn.SiLU(),
    "mish": nn.Mish(),
    "gelu": nn.GELU(),
    "gelu tanh": nn.GELU(approximate="tanh"),
    "log sigmoid": nn.LogSigmoid(),
    "elu": nn.ELU(alpha=0.7),
    "celu": nn.CELU(alpha=0.7),
    "selu": nn.SELU(),
    "dropout off": nn.Dropout(0.5).eval(),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth(name):
    assert_jets_are_right(SMOOTH[name], points(2, 3))


PIECEWISE = {
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "abs": torch.abs,
    "hardtanh": nn.Hardtanh(-0.5, 0.4),
    "relu6": lambda x: F.relu6(5 * x),
    "relu6 module": nn.ReLU6(),
    "prelu": nn.PReLU(init=0.3).double().requires_grad_(False),
}


@pytest.mark.parametrize("name", PIECEWISE)
def test_piecewise_linear(name):
    function = PIECEWISE[name]
    x, v = points(8), points(8, seed=1)
    value, first, second = jet(function, x, [v, None])
    torch.testing.assert_close(value, function(x))
    torch.testing.assert_close(first, v * torch.func.vmap(torch.func.grad(function))(x))
    assert torch.count_nonzero(second) == 0


def test_prelu_has_a_slope_for_each_channel_and_gradients_for_it():
    module, x = nn.PReLU(3).double(), points(4, 3, 2)
    with torch.no_grad():
        module.weight.copy_(points(3, seed=1))
    value, first = jet(lambda y: module(torch.sin(y)), x, [torch.ones_like(x)])
    (expected,) = torch.autograd.grad(module(torch.sin(x.requires_grad_())).sum(), x, create_graph=True)
    torch.testing.assert_close(value, module(torch.sin(x)))
    torch.testing.assert_close(first, expected)
    torch.testing.assert_close(torch.autograd.grad(first.sum(), module.weight)[0], torch.autograd.grad(expected.sum(), module.weight)[0])


def test_elu_has_finite_gradients_on_both_branches():
    x = torch.tensor([-800.0, 800.0], dtype=torch.float64, requires_grad=True)
    sum(entry.sum() for entry in jet(F.elu, x, [torch.ones_like(x)] * 3)).backward()
    assert torch.isfinite(x.grad).all()


def test_dropout_uses_one_mask_for_all_orders():
    torch.manual_seed(0)
    x = torch.ones(50, dtype=torch.float64)
    value, first, second = jet(lambda y: F.dropout(y * y, 0.5), x, [x, None])
    torch.testing.assert_close(first, 2 * value)
    torch.testing.assert_close(second, 2 * value)
    assert 0 < torch.count_nonzero(value) < 50
