import math
from dataclasses import replace
from types import SimpleNamespace

import pytest
from synthetic_result import method

from neuralpde.data import DataFileError
from neuralpde.evaluation import AccumulatedError, TimeOfCorrelation, usual_criterion
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


@pytest.mark.parametrize(
    ("burn_in", "velocity", "expected"),
    [
        (0, None, AccumulatedError()),
        (1, None, AccumulatedError()),
        (20, None, TimeOfCorrelation("averaged_correlation_time_0.8")),
        (20, (0, 1), TimeOfCorrelation("averaged_vorticity_correlation_time_0.8")),
    ],
)
def test_data_after_a_burn_in_are_chaotic(burn_in, velocity, expected):
    file = SimpleNamespace(scenario=lambda: SimpleNamespace(burn_in=burn_in))
    assert usual_criterion(SimpleNamespace(file=file, num_frames=40, velocity=velocity)) == expected


def test_data_of_unknown_origin_are_judged_by_their_error():
    def scenario():
        raise DataFileError("x.h5", "a recipe", "none", "score it as it is")

    assert usual_criterion(SimpleNamespace(file=SimpleNamespace(scenario=scenario), num_frames=40, velocity=None)) == AccumulatedError()
