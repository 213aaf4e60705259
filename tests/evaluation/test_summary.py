import math

import pytest
import torch

from neuralpde.evaluation import Scores, summarise
from neuralpde.evaluation.summary import ranked_quantiles


def scores(*values: float) -> Scores:
    tensor = torch.tensor(values)
    return Scores(tensor, torch.zeros_like(tensor, dtype=torch.bool), ~tensor.isfinite())


def test_statistics():
    s = summarise(scores(1.0, 2.0, 3.0, 6.0), larger_is_better=False)
    assert (s.mean, s.median, s.lower_quartile, s.upper_quartile, s.minimum, s.maximum) == (3.0, 2.5, 1.75, 3.75, 1.0, 6.0)
    assert s.std == pytest.approx(math.sqrt(14 / 3))
    assert (s.count, s.num_censored, s.num_undefined) == (4, 0, 0)


def test_divergence_spoils_the_mean_and_never_helps_the_median():
    s = summarise(scores(1.0, 2.0, math.nan), larger_is_better=False)
    assert s.mean is None
    assert s.median == 2.0
    assert s.maximum is None
    assert s.num_undefined == 1
    assert summarise(scores(1.0, 2.0, math.nan), larger_is_better=True).median == 1.0


def test_half_diverged_has_no_median():
    assert summarise(scores(1.0, math.inf, math.nan), larger_is_better=False).median is None


def test_one_trajectory_has_no_spread():
    s = summarise(scores(2.0), larger_is_better=False)
    assert (s.mean, s.std, s.median) == (2.0, None, 2.0)


def test_the_finite_trajectories_are_summarised_beside_the_whole():
    values = torch.tensor([1.0, torch.nan, 3.0, torch.inf])
    found = summarise(scores(*values.tolist()), larger_is_better=False)
    assert (found.mean, found.std) == (None, None)
    assert (found.finite_mean, found.num_finite, found.count) == (2.0, 2, 4)
    assert found.finite_std == pytest.approx(2**0.5)
    nothing = summarise(scores(math.nan), larger_is_better=False)
    assert (nothing.finite_mean, nothing.num_finite) == (None, 0)


def test_quantiles_rank_what_is_missing_as_the_worst():
    values = torch.tensor([[1.0, 5.0], [torch.nan, 1.0], [3.0, 2.0]])
    assert ranked_quantiles(values, larger_is_better=False, at=(0.0, 0.5, 1.0)).tolist() == [[1.0, 1.0], [3.0, 2.0], [torch.inf, 5.0]]
    assert ranked_quantiles(values, larger_is_better=True, at=(0.5, 0.75)).tolist() == [[1.0, 2.0], [2.0, 3.5]]
