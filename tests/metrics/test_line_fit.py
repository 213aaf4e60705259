import math

import numpy as np
import pytest
import torch
from scipy.stats import linregress

from neuralpde.metrics import line_fit


def test_an_exact_line():
    x = torch.tensor([0.0, 1.0, 2.0, 5.0])
    fit = line_fit(x, 2.0 * x - 1.0)
    assert fit.slope == pytest.approx(2.0)
    assert fit.intercept == pytest.approx(-1.0)
    assert fit.r_squared == pytest.approx(1.0)
    assert fit.mean_gap == pytest.approx((1 + 0 + 1 + 4) / 4)
    assert fit.count == 4


def test_agrees_with_scipy(generator):
    x = torch.rand(40, generator=generator, dtype=torch.float64)
    y = 0.5 * x + 0.3 * torch.rand(40, generator=generator, dtype=torch.float64)
    fit, expected = line_fit(x, y), linregress(np.asarray(x), np.asarray(y))
    assert (fit.slope, fit.intercept, fit.r_squared) == pytest.approx((expected.slope, expected.intercept, expected.rvalue**2))


def test_a_constant_has_no_line():
    assert math.isnan(line_fit(torch.ones(3), torch.arange(3.0)).slope)


@pytest.mark.parametrize(("x", "y"), [(torch.ones(2), torch.ones(2)), (torch.ones(3), torch.ones(4))])
def test_too_few_points_are_refused(x, y):
    with pytest.raises(ValueError, match="two lists of at least 3 numbers"):
        line_fit(x, y)
