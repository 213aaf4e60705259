import math
from dataclasses import replace

import pytest
from synthetic_result import method, result

from neuralpde.evaluation.figures import error_against_time, png
from neuralpde.grids import Grid

GRID = Grid((16,))


def test_every_method_lies_at_its_error_and_time():
    found = result(GRID)
    axes = error_against_time(found).axes[0]
    points = {
        (round(float(line.get_xdata()[0]), 9), round(float(line.get_ydata()[0]), 9))
        for line in axes.lines
        if line.get_marker() in ("o", "*") and len(line.get_xdata())
    }
    for kind in ("network", "classical"):
        for m in found.of_kind(kind):
            assert (round(m.timing.seconds_per_trajectory, 9), round(m.error, 9)) in points
    levels = [line.get_ydata()[0] for line in axes.lines if list(line.get_xdata()) == [0, 1]]
    assert levels == pytest.approx([m.error for m in found.of_kind("baseline")])
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_runs_that_blew_up_are_left_out():
    found = result(GRID)
    broken = replace(found, methods=(method("n", "network", GRID, math.nan, 0.1), *found.methods[1:]))
    assert png(error_against_time(broken))


def test_nothing_finite_is_no_figure():
    found = result(GRID)
    broken = replace(found, methods=(method("n", "network", GRID, math.nan, 0.1), *found.of_kind("baseline")))
    assert error_against_time(broken) is None
