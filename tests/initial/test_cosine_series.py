import math

import pytest
import torch

from neuralpde.derivatives import FiniteDifference
from neuralpde.grids import Grid
from neuralpde.initial import CosineSeries, RandomCosineSeries, stack_draws

D = FiniteDifference(Grid((41,), periodic=False), order=2)


def draws(law, count=200):
    generator = torch.Generator().manual_seed(0)
    return stack_draws([law(generator) for _ in range(count)])


def test_without_terms_it_is_a_uniform_constant():
    levels = draws(RandomCosineSeries(0.0, 0.2))(D)
    assert levels.shape == (200, 1, 41) and torch.equal(levels, levels[..., :1].expand_as(levels))
    assert levels.min() >= 0 and levels.max() < 0.2
    assert abs(levels.mean() - 0.1) < 4 * 0.2 / math.sqrt(12 * 200)


def test_values_stay_within_the_bounds_and_vary():
    values = draws(RandomCosineSeries(0.0, 0.2, num_terms=6))(D)
    assert values.min() >= 0 and values.max() <= 0.2
    assert (values.amax(-1) - values.amin(-1)).mean() > 0.02


def test_series_is_what_it_says():
    series = CosineSeries(torch.tensor([0.1]), torch.tensor([[0.02, 0.03]]), torch.tensor([1.0]))
    x = D.x[0]
    torch.testing.assert_close(series(D), 0.1 + 0.02 * torch.cos(math.pi * x) + 0.03 * torch.cos(2 * math.pi * x), check_dtype=False)


def test_bad_bounds_are_refused():
    with pytest.raises(ValueError, match="needs high > low"):
        RandomCosineSeries(0.2, 0.1)
