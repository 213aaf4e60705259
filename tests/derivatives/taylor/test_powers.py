import pytest
import torch
from taylor_oracle import assert_jets_are_right, points

from neuralpde.derivatives import jet


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 7, -1, -3])
def test_integer_exponents(exponent):
    assert_jets_are_right(lambda x: x**exponent, points(2, 2, positive=True))


@pytest.mark.parametrize("exponent", [0.5, -0.5, 2.5, -1.3])
def test_real_exponents(exponent):
    assert_jets_are_right(lambda x: x**exponent, points(2, 2, positive=True))


def test_exponents_that_are_tensors_and_series():
    assert_jets_are_right(lambda x: torch.pow(x, torch.tensor([1.5, 2.5], dtype=torch.float64)), points(2, 2, positive=True))
    assert_jets_are_right(lambda x: x**x, points(2, 2, positive=True))
    assert_jets_are_right(lambda x: 2.0**x, points(2, 2))
    assert_jets_are_right(lambda x: torch.tensor([3.0, 0.5], dtype=torch.float64) ** x, points(2, 2))


@pytest.mark.parametrize("exponent", [2, 3, 5])
def test_natural_powers_are_right_at_zero(exponent):
    zero, one = torch.zeros(1, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    derivatives = jet(lambda x: x**exponent, zero, [one, *[None] * 5])
    expected = [float(torch.lgamma(torch.tensor(exponent + 1.0)).exp()) if k == exponent else 0.0 for k in range(7)]
    torch.testing.assert_close(torch.cat(derivatives), torch.tensor(expected, dtype=torch.float64), rtol=1e-6, atol=0)
