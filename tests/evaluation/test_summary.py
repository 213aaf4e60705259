import math

import pytest
import torch

from neuralpde.evaluation import Scores, summarise


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
