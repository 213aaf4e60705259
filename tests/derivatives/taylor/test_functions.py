import math

import numpy as np
import pytest
import torch
from taylor_oracle import assert_jets_are_right, nested, points, projected, random_series

from neuralpde.derivatives import jet
from neuralpde.derivatives.taylor.functions import tanh_terms
from neuralpde.derivatives.taylor.truncation import Truncation

ANYWHERE = {
    "exp": torch.exp,
    "expm1": torch.expm1,
    "sin": torch.sin,
    "cos": torch.cos,
    "sinh": torch.sinh,
    "cosh": torch.cosh,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "erf": torch.erf,
    "erfc": torch.special.erfc,
    "sinc": torch.sinc,
}
POSITIVE = {"log": torch.log, "log1p": torch.log1p, "sqrt": torch.sqrt, "rsqrt": torch.rsqrt, "reciprocal": torch.reciprocal}


@pytest.mark.parametrize("name", ANYWHERE)
def test_entire_functions(name):
    assert_jets_are_right(ANYWHERE[name], points(2, 3))


@pytest.mark.parametrize("name", POSITIVE)
def test_functions_of_positive_arguments(name):
    assert_jets_are_right(POSITIVE[name], points(2, 3, positive=True))


def test_tan_between_its_poles():
    assert_jets_are_right(torch.tan, 0.3 * points(2, 3))


def test_sinc_at_zero_and_on_both_sides_of_the_change_of_formula():
    """π²ᵏ(−1)ᵏ/(2k + 1) are the even derivatives at zero; elsewhere the k-th one is πᵏ ∫₀¹ sᵏ cos(πxs + kπ/2) ds."""
    x = torch.tensor([0.0, 1e-9, 0.3, 0.4999999, 0.5000001, 0.9, -2.5], dtype=torch.float64)
    nodes, weights = (torch.from_numpy(entry) for entry in np.polynomial.legendre.leggauss(30))
    s = 0.5 * (nodes + 1)
    for k, value in enumerate(jet(torch.sinc, x, [torch.ones_like(x), *[None] * 8])):
        expected = math.pi**k * (0.5 * weights * s**k * torch.cos(math.pi * x[:, None] * s + 0.5 * k * math.pi)).sum(1)
        torch.testing.assert_close(value, expected, rtol=1e-10, atol=1e-10 * math.pi**k)
        at_zero = 0.0 if k % 2 else (-1.0) ** (k // 2) * math.pi**k / (k + 1)
        assert float(value[0]) == pytest.approx(at_zero, rel=1e-13, abs=1e-13)


def test_sinc_has_finite_gradients_at_zero():
    x = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    sum(entry.sum() for entry in jet(torch.sinc, x, [torch.ones_like(x)] * 6)).backward()
    assert torch.isfinite(x.grad).all()


def test_erfc_is_accurate_where_it_is_small():
    value, slope = jet(torch.erfc, torch.tensor([8.0], dtype=torch.float64), [torch.ones(1, dtype=torch.float64)])
    assert float(value) == pytest.approx(1.1224297172982928e-29, rel=1e-12)
    assert float(slope) == pytest.approx(-2 / math.sqrt(math.pi) * math.exp(-64), rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*ANYWHERE, *POSITIVE])
def test_nine_orders_of_nested_reverse_mode(name):
    x = points(2, positive=True)
    series = random_series(x, 9)
    expected = nested((ANYWHERE | POSITIVE)[name], x, series)
    for value, reference in zip(jet((ANYWHERE | POSITIVE)[name], x, series)[1:], expected, strict=True):
        torch.testing.assert_close(projected(value), reference, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("function", [torch.tanh, torch.exp, torch.sqrt])
def test_five_orders_of_nested_reverse_mode(function):
    x = points(2, positive=True)
    series = random_series(x, 5)
    for value, reference in zip(jet(function, x, series)[1:], nested(function, x, series), strict=True):
        torch.testing.assert_close(projected(value), reference, rtol=1e-10, atol=1e-10)


def test_a_series_in_one_variable_is_that_of_the_textbook():
    """tanh s = s − s³/3 + 2 s⁵/15 − 17 s⁷/315."""
    zero, one = torch.zeros(1, dtype=torch.float64), torch.ones(1, 1, dtype=torch.float64)
    terms = tanh_terms([zero, one, *[None] * 6], Truncation.line(7))
    expected = [0, 1, 0, -1 / 3, 0, 2 / 15, 0, -17 / 315]
    for term, value in zip(terms, expected, strict=True):
        assert abs((0.0 if term is None else float(term)) - value) < 1e-15
