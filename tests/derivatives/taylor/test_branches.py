import torch
from taylor_oracle import assert_jets_are_right, points

from neuralpde.derivatives import jet


def test_where_follows_the_value():
    assert_jets_are_right(lambda x: torch.where(x > 0, torch.sin(x), x**3), points(3, 3))
    assert_jets_are_right(lambda x: torch.where(x > 0, 2.0, torch.exp(x)), points(3, 3))
    assert_jets_are_right(lambda x: torch.where(torch.tensor([[True], [False]]), torch.sin(x), 1.0), points(3))


def test_maximum_minimum_clamp():
    assert_jets_are_right(lambda x: torch.maximum(x * x, torch.sin(x)) + torch.minimum(x, torch.cos(x)), points(3, 3))
    assert_jets_are_right(lambda x: torch.clamp(torch.exp(x), 0.5, 2.0) * x.clamp(min=0.0), points(3, 3))


def test_the_branch_not_taken_may_be_infinite():
    value, first = jet(lambda x: torch.where(x > 0, torch.log(x), x), torch.tensor([-1.0, 0.0, 2.0]), [torch.ones(3)])
    torch.testing.assert_close(value, torch.tensor([-1.0, 0.0, 0.6931472]))
    torch.testing.assert_close(first, torch.tensor([1.0, 1.0, 0.5]))


def test_comparisons_and_likes_are_plain_tensors():
    x = points(3)
    jet(lambda y: y + _assert_plain(y, x), x, [x])


def _assert_plain(y, x):
    assert torch.equal(y > 0, x > 0) and torch.equal(y <= 0.1, x <= 0.1) and torch.equal(torch.sign(y), torch.sign(x))
    return torch.zeros_like(y) + torch.ones_like(y) * torch.full_like(y, 2.0)
