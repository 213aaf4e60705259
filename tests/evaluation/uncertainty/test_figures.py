import numpy as np
from synthetic_uncertainty import source, study

from neuralpde.evaluation.uncertainty.figures import agreement_over_time, calibration, scatter


def test_every_trajectory_is_a_dot_and_the_line_is_the_fit():
    figure = scatter(study(source(), source("noise", fit=None)))
    left, right = figure.axes
    drawn = {line.get_label(): line for line in left.lines}
    assert list(zip(drawn["trajectories"].get_xdata(), drawn["trajectories"].get_ydata(), strict=True)) == [(0.5, 0.5), (1.0, 1.5), (1.5, 1.0)]
    assert list(drawn["one of them never ended"].get_xdata()) == [2.0]
    assert drawn["one of them never ended"].get_markerfacecolor() == "none"
    assert list(drawn["r² = 0.810, slope 0.875"].get_ydata()) == [0.25, 0.25 + 0.875 * 2.0]
    assert list(drawn["equal"].get_ydata()) == [0, 2.0]
    assert left.get_title(loc="left") == "seeds"
    assert not any("r²" in str(line.get_label()) for line in right.lines)


def test_both_correlations_are_drawn_over_time():
    axes = agreement_over_time(study()).axes[0]
    drawn = {line.get_label(): line for line in axes.lines}
    assert list(drawn["with the reference"].get_ydata()) == [0.95, 0.85, 0.7, 0.6]
    np.testing.assert_array_equal(drawn["between samples"].get_ydata(), [0.9, 0.8, np.nan, 0.5])
    assert list(drawn["with the reference"].get_xdata()) == [0.5, 1.0, 1.5, 2.0]
    assert [line.get_ydata()[0] for line in axes.lines if list(line.get_xdata()) == [0, 1]] == [0.8]


def test_spread_error_and_ratio_by_wavenumber():
    left, right = calibration(study()).axes
    errors = [line for line in left.lines if str(line.get_label()).startswith("error")]
    assert [line.get_label() for line in errors] == ["error, 0.5 s", "error, 2 s"]
    np.testing.assert_array_equal(errors[1].get_ydata(), [np.nan, 2.0, 2.0])
    spreads = [line for line in left.lines if line.get_linestyle() == "--" and len(line.get_xdata())]
    np.testing.assert_array_equal(spreads[0].get_ydata(), [np.nan, 4.0, 1.0])
    np.testing.assert_array_equal(right.lines[1].get_ydata(), [np.nan, 2.2, 1.1])
    assert right.get_yscale() == "log"


def test_nothing_to_calibrate():
    assert calibration(study(source(calibration=None))) is None
