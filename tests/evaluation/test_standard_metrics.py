from dataclasses import replace

import pytest
import torch
from synthetic_result import DT, comparison

from neuralpde.evaluation import Comparison, standard_metrics
from neuralpde.grids import Grid
from neuralpde.metrics import pearson, vorticity

GRID = Grid((32,), upper=16.0)


def by_name():
    return {metric.name: metric for metric in standard_metrics()}


def test_names_are_unique_and_defined():
    assert len(by_name()) == len(standard_metrics())
    assert all(metric.definition and "\n" not in metric.definition for metric in standard_metrics())


def test_offset_has_the_scores_that_its_definitions_say():
    # Trajectory n is off by 0.1 (n + 1) everywhere; the reference is a unit sine: rms √½, largest value close to 1.
    pair = comparison(GRID, 0.1)
    scores = {name: metric(pair).values.tolist() for name, metric in by_name().items() if metric.applies(pair)}
    assert set(by_name()) - set(scores) == {"vorticity_correlation", *(f"vorticity_correlation_time_{rho:g}" for rho in (0.8, 0.9, 0.95))}
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


def test_times_are_counted_in_the_steps_of_each_trajectory():
    pair = replace(comparison(GRID, 0.04), steps=torch.tensor([1.0, 2.0, 3.0]))
    assert by_name()["correlation_time_0.9"](pair).values.tolist() == [8.0, 16.0, 24.0]
    assert by_name()["survival_time"](pair).values.tolist() == [8.0, 16.0, 0.0]


def test_flows_are_compared_by_their_vorticity(generator):
    """Errors of the mean flow do not count, errors of a gradient do."""
    grid = Grid((8, 8))
    ref = torch.randn(2, 3, 3, 8, 8, generator=generator, dtype=torch.float64)
    pred = ref + torch.randn(ref.shape, generator=generator, dtype=torch.float64)
    pred[0] = ref[0] + 5.0
    pair = Comparison(pred, ref, ref[:, :1], DT, grid, velocity=(2, 0))
    expected = pearson(vorticity(pred[:, :, [2, 0]], grid), vorticity(ref[:, :, [2, 0]], grid))
    score = by_name()["vorticity_correlation"](pair).values
    torch.testing.assert_close(score, expected.mean(dim=1))
    assert score[0].item() == pytest.approx(1.0)
    assert score[1].item() < 0.9
    assert by_name()["vorticity_correlation_time_0.9"](pair).values.tolist() == [3 * DT, 0.0]
    assert by_name()["vorticity_correlation_time_0.9"](pair).censored.tolist() == [True, False]
