import pytest
import torch
import torch.nn.functional as F

from neuralpde.derivatives import collapsed, directional
from neuralpde.derivatives.taylor import UnitTangent


@pytest.fixture
def tangent():
    return UnitTangent(torch.tensor([2, 0, 4]), torch.randn(3, 1, generator=torch.Generator().manual_seed(0)), 5)


def test_every_operation_agrees_with_the_full_tensor(tangent):
    full, x = tangent.dense(), torch.randn(6, 5, generator=torch.Generator().manual_seed(1))
    weight, weights = torch.randn(7, 5), torch.randn(2, 3)
    assert tangent.shape == full.shape == (3, 1, 5) and tangent.ndim == 3
    torch.testing.assert_close(tangent.linear(weight), F.linear(full, weight))
    torch.testing.assert_close((tangent * x).dense(), full * x)
    torch.testing.assert_close((x * tangent).dense(), full * x)
    torch.testing.assert_close((tangent * x[:, :1]).dense(), full * x[:, :1])
    torch.testing.assert_close((tangent * (tangent * x)).dense(), full * full * x)
    torch.testing.assert_close((tangent * full).dense(), full * full)
    torch.testing.assert_close((tangent * (full * x)).dense(), full * full * x)
    torch.testing.assert_close((2.0 * tangent + tangent * x).dense(), 2 * full + full * x)
    torch.testing.assert_close((-tangent).dense(), -full)
    torch.testing.assert_close(tangent + x, full + x)
    torch.testing.assert_close(tangent.sum_last(False), full.sum(-1))
    torch.testing.assert_close((tangent * x).weighted_sum(weights), torch.tensordot(weights, full * x, dims=1))
    torch.testing.assert_close(torch.sin(tangent), torch.sin(full))


def test_repeated_coordinates_add_up():
    tangent = UnitTangent(torch.tensor([1, 1]), torch.tensor([2.0, 3.0]), 3)
    torch.testing.assert_close(tangent.weighted_sum(torch.ones(1, 2)), torch.tensor([[0.0, 5.0, 0.0]]))


FUNCTIONS = {
    "ansatz": lambda x: (1 - (x * x).sum(-1, keepdim=True)) * torch.tanh(x @ torch.ones(5, 2, dtype=x.dtype)),
    "powers": lambda x: (x**3).sum(-1) + x.square().sum(-1, keepdim=True).sqrt()[:, 0],
    "elementwise": lambda x: torch.sin(x) * x,
    "slices": lambda x: x[:, 1:] * torch.cos(x[:, :-1]),
    "concatenation": lambda x: torch.cat([x, torch.ones_like(x)], -1) * 2,
    "norms": lambda x: torch.linalg.vector_norm(x, dim=-1),
    "reductions": lambda x: x.mean(-1) + (x * x).sum() + x.sum(0)[:1],
    "shapes": lambda x: x.reshape(-1).reshape(5, -1).T * x.transpose(0, 1).T,
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("order", [2, 3, 5])
def test_fast_path_equals_one_hot_directions(name, order):
    """In every function, also where the structure is lost on the way."""
    x = torch.randn(4, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64).abs() + 0.1
    fast = UnitTangent(torch.tensor([3, 1]), torch.ones(2, 1, dtype=torch.float64), 5)
    weights = torch.tensor([[1.0, 2.0], [0.5, -1.0]], dtype=torch.float64)
    for evaluate in (lambda v: directional(FUNCTIONS[name], x, v, order=order)[1], lambda v: collapsed(FUNCTIONS[name], x, v, order=order, weights=weights)[1]):
        torch.testing.assert_close(evaluate(fast), evaluate(fast.dense()), rtol=1e-12, atol=1e-12)
