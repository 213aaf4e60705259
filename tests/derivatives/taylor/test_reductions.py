import pytest
import torch
from taylor_oracle import assert_jets_are_right, points

from neuralpde.derivatives import jet

CASES = {
    "product": lambda x: torch.prod(torch.sin(x) + 2.0),
    "product of one axis": lambda x: x.prod(1) + torch.prod(torch.cos(x), 0, keepdim=True).sum(),
    "product of five": lambda x: torch.cat([x, torch.sin(x[:, :2])], 1).prod(-1, keepdim=True),
    "amax": lambda x: torch.amax(torch.sin(x), 1) * x.amax() + x.amax((0, 1)),
    "amin": lambda x: torch.amin(torch.sin(x), 0, keepdim=True) * x.amin(),
    "max": lambda x: torch.max(torch.sin(x), 1).values + x.max() * torch.max(x, dim=-1, keepdim=True)[0].squeeze(1),
    "min": lambda x: torch.min(torch.sin(x), dim=0)[0] * x.min(),
    "larger of two": lambda x: torch.max(x, torch.sin(2 * x)) + torch.min(x, points(3, seed=5)),
    "variance": lambda x: x.var() + torch.var(torch.sin(x), 1) + x.var(0, unbiased=False).sum(),
    "deviation": lambda x: torch.std(x, 1, correction=0) + torch.std(torch.sin(x), (0, 1)) + x.std(True),
}


@pytest.mark.parametrize("name", CASES)
def test_reduction(name):
    assert_jets_are_right(CASES[name], points(2, 3), order=6)


def test_a_factor_of_zero():
    """The product of (s, 2, 3) at s = 0 has the slope 6, which a logarithm would not find."""
    zero, one = torch.zeros((), dtype=torch.float64), torch.ones((), dtype=torch.float64)
    values = jet(lambda s: torch.prod(torch.stack([s, 2 + s, 3 + s])), zero, [one, None, None])
    assert [float(value) for value in values] == [0.0, 6.0, 10.0, 6.0]


def test_the_index_of_an_extreme_is_that_of_its_value():
    x = points(4, 3)
    jet(lambda y: _assert_same_choice(y, x), x, [x])


def _assert_same_choice(y, x):
    assert torch.equal(torch.max(y, 1).indices, torch.max(x, 1).indices) and torch.equal(y.min(0)[1], x.min(0)[1])
    return y
