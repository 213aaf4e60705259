import math
from dataclasses import replace

import pytest
from synthetic_result import method

from neuralpde.evaluation import AccumulatedError, TimeOfCorrelation
from neuralpde.grids import Grid

ENTRY = method("net", "network", Grid((16,)), 0.1, 0.01)


def lasting(seconds):
    return replace(ENTRY, set_scores={"averaged_correlation_time_0.8": seconds, "averaged_correlation_time_0.9": 1.0})


def test_the_error_is_its_own_loss():
    assert AccumulatedError().value(ENTRY) == AccumulatedError().loss(ENTRY) == ENTRY.scores["accumulated_error"].mean > 0


@pytest.mark.parametrize(("seconds", "loss"), [(4.0, 0.25), (0.0, math.inf), (None, math.inf)])
def test_longer_is_better_and_none_is_lost(seconds, loss):
    assert TimeOfCorrelation().loss(lasting(seconds)) == loss
    assert TimeOfCorrelation().value(lasting(seconds)) == (seconds or 0.0)


def test_another_threshold():
    assert TimeOfCorrelation("averaged_correlation_time_0.9").value(lasting(4.0)) == 1.0


def test_an_unknown_score_is_refused():
    with pytest.raises(ValueError, match=r"expected one of averaged_correlation_time_0.8, .*got 'nrmse'"):
        TimeOfCorrelation("nrmse")
