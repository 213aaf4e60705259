import math

import pytest
from synthetic_result import method

from neuralpde.evaluation import verdict
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
    assert "no classical run of this sweep is as accurate" in verdict(NETWORK, [entry("broken", math.nan, 0.001)])


def test_network_that_blew_up_loses():
    assert "not finite" in verdict(entry("net", math.nan, 0.01, "network"), [entry("coarse", 0.1, 1.0)])


def test_losing_to_a_trivial_forecast_is_said_first():
    baselines = [entry("persistence", 0.05, None, "baseline"), entry("zero", 1.0, None, "baseline")]
    assert verdict(NETWORK, [], baselines).startswith("The network does not beat persistence. ")
    assert "does not beat" not in verdict(NETWORK, [], baselines[1:])


@pytest.mark.parametrize("offset", [0.1, 1e-9])
def test_nothing_to_compare_with_is_said(offset):
    assert "does not say" in verdict(entry("net", offset, 0.1, "network"), [])
