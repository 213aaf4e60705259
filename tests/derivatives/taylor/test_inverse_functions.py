import pytest
import torch
from taylor_oracle import assert_jets_are_right, points

from neuralpde.derivatives import jet

ANYWHERE = {"atan": torch.atan, "asinh": torch.asinh}
INSIDE = {"asin": torch.asin, "acos": torch.arccos, "atanh": torch.atanh}


@pytest.mark.parametrize("name", ANYWHERE)
def test_on_the_line(name):
    assert_jets_are_right(ANYWHERE[name], points(2, 3))


@pytest.mark.parametrize("name", INSIDE)
def test_between_the_ends(name):
    assert_jets_are_right(INSIDE[name], 0.3 * points(2, 2), order=7)


def test_acosh_above_one():
    assert_jets_are_right(torch.arccosh, 2.0 + points(2, 2, positive=True), order=7)


@pytest.mark.parametrize(("inverse", "function"), [(torch.asin, torch.sin), (torch.atanh, torch.tanh), (torch.asinh, torch.sinh), (torch.acosh, torch.cosh)])
def test_inverse_of_a_known_function(inverse, function):
    """The composition is the identity: slope one, and nothing above."""
    x = torch.tensor([0.2, 0.7, 1.3], dtype=torch.float64)
    _, first, *higher = jet(lambda y: inverse(function(y)), x, [torch.ones_like(x), *[None] * 7])
    torch.testing.assert_close(first, torch.ones_like(x), rtol=1e-12, atol=0)
    for k, value in enumerate(higher, start=2):
        assert float(value.abs().max()) < 1e-13 * 10**k


def test_slope_near_the_ends():
    """1 − x² with x = 1 − δ keeps all digits of δ: (1 − x)(1 + x)."""
    delta = 2.0**-40
    slope = jet(torch.atanh, torch.tensor([1 - delta], dtype=torch.float64), [torch.ones(1, dtype=torch.float64)])[1]
    assert float(slope) == pytest.approx(1 / (delta * (2 - delta)), rel=1e-14)
