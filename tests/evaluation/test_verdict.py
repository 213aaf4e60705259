import math
from dataclasses import replace

import pytest
from synthetic_result import method

from neuralpde.evaluation import TimeOfCorrelation, verdict
from neuralpde.grids import Grid

GRID = Grid((16,))


def entry(name, offset, seconds, kind="classical"):
    """The accumulated error is quadratic in the offset."""
    return method(name, kind, GRID, offset, seconds)


NETWORK = entry("net", 0.1, 0.01, "network")


def test_classical_wins_both():
    text = verdict(NETWORK, [entry("good", 0.02, 0.005), entry("fine", 0.001, 1.0)])
    assert "at equal error the classical solver wins: good is at least as accurate and 2 times faster" in text
    assert "at equal time the classical solver wins: the error of good is 25 times smaller" in text


def test_network_wins_both():
    text = verdict(NETWORK, [entry("coarse", 0.2, 0.005), entry("fine", 0.01, 0.05)])
    assert "at equal error the network wins: it is 5 times faster than the cheapest classical run that is as accurate (fine)" in text
    assert "at equal time the network wins: its error is 4 times smaller than that of the best classical run that is as fast (coarse)" in text


def test_network_dominates():
    text = verdict(NETWORK, [entry("coarse", 0.2, 0.05)])
    assert "no classical run of this sweep is as accurate" in text
    assert "its error is 4 times smaller than that of even the fastest classical run (coarse)" in text


def test_a_fast_and_bad_network_wins_nothing():
    text = verdict(NETWORK, [entry("coarse", 0.05, 2.0), entry("fine", 0.001, 5.0)])
    assert "at equal error the sweep does not decide: every classical run is more accurate, and the cheapest (coarse) 200 times slower" in text
    assert "at equal time the sweep does not decide: no classical run is as fast, the fastest (coarse) takes 200 times longer" in text
    assert "with a 4 times smaller error" in text
    assert "wins" not in text


def test_runs_that_blew_up_lose():
    text = verdict(NETWORK, [entry("broken", math.nan, 0.001)])
    assert "no classical run of this sweep is as accurate" in text
    assert "its error is infinitely many times smaller" in text


def partly(name, offset, seconds, num_diverged):
    """A run of three trajectories, some of which diverged."""
    whole = entry(name, offset, seconds)
    score = replace(whole.scores["accumulated_error"], mean=None, num_finite=3 - num_diverged)
    return replace(whole, scores={**whole.scores, "accumulated_error": score}, num_diverged=num_diverged)


def test_runs_that_diverged_on_some_trajectories_lose_and_that_is_said():
    text = verdict(NETWORK, [partly("cheap", 0.01, 0.001, 1), entry("fine", 0.001, 1.0)])
    assert "at equal error the network wins: it is 100 times faster than the cheapest classical run that is as accurate (fine)" in text
    assert text.endswith("Runs that diverged count as lost: cheap on 1 of 3 trajectories.")
    assert "count as lost" not in verdict(NETWORK, [entry("broken", math.nan, 0.001)])


def test_network_that_blew_up_loses():
    assert "not finite on 3 of 3 trajectories" in verdict(entry("net", math.nan, 0.01, "network"), [entry("coarse", 0.1, 1.0)])


PERSISTENCE, ZERO = entry("persistence", 0.05, None, "baseline"), entry("zero", 1.0, None, "baseline")


def test_a_network_that_loses_to_a_trivial_forecast_never_wins():
    text = verdict(NETWORK, [entry("coarse", 0.2, 0.05), entry("fine", 0.01, 5.0)], [PERSISTENCE, ZERO])
    assert text.startswith("The network does not beat persistence and is of no use yet: its accumulated error is ")
    assert text.endswith(f"has {PERSISTENCE.error:.3g}. The classical solver reaches {entry('fine', 0.01, 5.0).error:.3g} (fine).")
    assert "wins" not in text
    assert verdict(NETWORK, [], [PERSISTENCE, entry("mean", 0.02, None, "baseline"), ZERO]).startswith("The network does not beat persistence or mean and")


@pytest.mark.parametrize("classical", [[], [entry("coarse", 0.2, 0.05)], [entry("broken", math.nan, 0.05)]])
def test_a_classical_solver_that_loses_to_a_trivial_forecast_is_not_praised(classical):
    text = verdict(NETWORK, classical, [PERSISTENCE, ZERO])
    assert text.startswith("The network does not beat persistence") and text.endswith(f"has {PERSISTENCE.error:.3g}.")


def test_the_margin_over_the_best_trivial_forecast_is_said_first():
    text = verdict(NETWORK, [entry("coarse", 0.2, 0.05)], [ZERO, entry("persistence", 0.7, None, "baseline")])
    expected = f"The network's accumulated error, {NETWORK.error:.3g}, is 49 times smaller than that of the best trivial forecast (persistence). Measured"
    assert text.startswith(expected)


@pytest.mark.parametrize("offset", [0.1, 1e-9])
def test_nothing_to_compare_with_is_said(offset):
    assert "does not say" in verdict(entry("net", offset, 0.1, "network"), [])


def lasting(name, seconds, wall, kind="classical"):
    """A method whose forecasts are all equally bad in the end, but stay correlated for some time."""
    return replace(entry(name, 1.0, wall, kind), set_scores={"averaged_correlation_time_0.8": seconds})


def test_chaotic_forecasts_are_judged_by_how_long_they_last():
    network, mean = lasting("net", 40.0, 0.01, "network"), lasting("mean", 0.0, None, "baseline")
    text = verdict(network, [lasting("coarse", 20.0, 0.005), lasting("fine", 120.0, 1.0)], [mean], by=TimeOfCorrelation())
    assert text.startswith("The network's time of correlation, 40, is infinitely many times longer than that of the best trivial forecast (mean).")
    assert "at equal error the network wins: it is 100 times faster than the cheapest classical run that is as accurate (fine)" in text
    assert "at equal time the network wins: its time of correlation is 2 times longer than that of the best classical run that is as fast (coarse)" in text
    assert verdict(network, [], [mean]).startswith("The network does not beat mean")
