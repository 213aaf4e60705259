import pytest
from synthetic_result import DT, comparison

from neuralpde.evaluation import standard_metrics
from neuralpde.grids import Grid

GRID = Grid((32,), upper=16.0)


def by_name():
    return {metric.name: metric for metric in standard_metrics()}


def test_names_are_unique_and_defined():
    assert len(by_name()) == len(standard_metrics())
    assert all(metric.definition and "\n" not in metric.definition for metric in standard_metrics())


def test_offset_has_the_scores_that_its_definitions_say():
    # Trajectory n is off by 0.1 (n + 1) everywhere; the reference is a unit sine: rms √½, largest value close to 1.
    pair = comparison(GRID, 0.1)
    scores = {name: metric(pair).values.tolist() for name, metric in by_name().items()}
    assert scores["accumulated_error"] == pytest.approx([8 * 0.01, 8 * 0.04, 8 * 0.09])
    assert scores["rmse"] == pytest.approx([0.1, 0.2, 0.3])
    assert scores["max_error"] == pytest.approx([0.1, 0.2, 0.3])
    assert scores["nrmse"] == pytest.approx([0.1 * 2**0.5, 0.2 * 2**0.5, 0.3 * 2**0.5])
    assert scores["relative_l2"] == pytest.approx(scores["nrmse"])
    assert scores["vrmse"] == pytest.approx([x * (31 / 32) ** 0.5 for x in scores["nrmse"]], rel=1e-6)
    assert scores["pearson"] == pytest.approx([1.0, 1.0, 1.0])
    assert scores["mass_drift"] == pytest.approx(scores["nrmse"])
    assert scores["energy_drift"] == pytest.approx([0.02, 0.08, 0.18])
    assert scores["fourier_rmse_low"] == pytest.approx([0.1 / 4, 0.2 / 4, 0.3 / 4])
    assert scores["fourier_rmse_high"] == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)


def test_times_until_failure_are_censored_for_survivors():
    pair = comparison(GRID, 0.04)
    correlation, survival = by_name()["correlation_time_0.9"](pair), by_name()["survival_time"](pair)
    assert correlation.values.tolist() == [8 * DT] * 3
    assert correlation.censored.all()
    # Offsets of 0.04, 0.08 stay below a tenth of the largest value, 0.12 does not.
    assert survival.values.tolist() == [8 * DT, 8 * DT, 0.0]
    assert survival.censored.tolist() == [True, True, False]
