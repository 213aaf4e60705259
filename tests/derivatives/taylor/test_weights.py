import pytest
import torch
from taylor_oracle import points
from torch import nn

from neuralpde.derivatives import collapsed
from neuralpde.derivatives.taylor import EqualWeights, UnitTangent


def test_sums_are_those_of_the_matrix():
    weights, x = EqualWeights(3, 6, 0.7), points(6, 2, 2)
    assert weights.shape == (3, 6)
    torch.testing.assert_close(weights.reduce(x), torch.tensordot(weights.matrix(x), x, dims=1))
    torch.testing.assert_close(EqualWeights(1, 6, 1.0).reduce(x), x.sum(0, keepdim=True))


@pytest.mark.parametrize("order", [1, 2, 4, 5])
def test_jets_with_either_form(order):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)).double()
    x, weights = points(4, 3), EqualWeights(2, 4, 1.5)
    for lines in (points(4, 1, 3, seed=1), UnitTangent(torch.tensor([0, 2, 1, 1]), points(4, 1, seed=2), 3)):
        values = collapsed(net, x, lines, order=order, weights=weights)[1]
        torch.testing.assert_close(values, collapsed(net, x, lines, order=order, weights=weights.matrix(x))[1])
