import math
from dataclasses import replace

import pytest
import torch
from synthetic_result import DT, comparison

from neuralpde.evaluation import standard_metrics
from neuralpde.evaluation.metric import Comparison
from neuralpde.evaluation.tally import CURVES, Tally
from neuralpde.grids import Grid

GRID = Grid((32,), upper=16.0)


def part(pair: Comparison, rows: slice) -> Comparison:
    return Comparison(pair.pred[rows], pair.ref[rows], pair.start[rows], pair.dt, pair.domain)


def test_batches_add_up_to_the_whole():
    pair = comparison(GRID, 0.1)
    whole, split = Tally(standard_metrics()), Tally(standard_metrics())
    whole.add(pair)
    split.add(part(pair, slice(0, 1)))
    split.add(part(pair, slice(1, 3)))
    one, two = whole.finish("a", "network", (32,)), split.finish("a", "network", (32,))
    assert one.per_trajectory["accumulated_error"] == pytest.approx([0.08, 0.32, 0.72])
    for name in one.per_trajectory:
        assert two.per_trajectory[name] == pytest.approx(one.per_trajectory[name], abs=1e-12)
    assert two.set_scores == one.set_scores
    assert two.error == pytest.approx(1.12 / 3)


def test_curves_hold_mean_and_quartiles_of_every_frame():
    tally = Tally(standard_metrics())
    tally.add(comparison(GRID, 0.1))
    method = tally.finish("a", "network", (32,))
    assert set(method.curves) == set(CURVES) - {"vorticity_correlation"}
    curve = method.curves["mean_squared_error"]
    assert curve.median == pytest.approx([0.04] * 8)
    assert curve.lower_quartile == pytest.approx([0.025] * 8)
    assert curve.mean == pytest.approx([0.14 / 3] * 8)


def test_spectra_of_prediction_reference_and_error():
    tally = Tally(standard_metrics())
    tally.add(comparison(GRID, 0.1))
    spectrum = tally.finish("a", "network", (32,)).spectrum
    assert spectrum is not None
    assert spectrum.reference[1] == pytest.approx(0.5)
    assert spectrum.error[0] == pytest.approx(0.14 / 3)
    assert spectrum.energy[:2] == pytest.approx([0.14 / 3, 0.5])


def test_set_scores_average_before_the_crossing():
    pair = comparison(GRID, 0.0)
    method = Tally(standard_metrics())
    method.add(pair)
    assert method.finish("a", "network", (32,)).set_scores["averaged_correlation_time_0.8"] == pytest.approx(8 * DT)
    assert method.finish("a", "network", (32,)).set_scores["high_correlation_frames_0.8"] == 8


def test_no_spectra_on_chebyshev_nodes():
    tally = Tally(standard_metrics())
    tally.add(comparison(Grid((17,), upper=2.0, periodic=False, nodes="chebyshev"), 0.1))
    method = tally.finish("a", "network", (17,))
    assert method.spectrum is None
    assert "fourier_rmse_low" not in method.scores
    # The accumulated error counts nodes alike, the others integrate; a constant offset cannot tell them apart.
    assert method.per_trajectory["rmse"] == pytest.approx([0.1, 0.2, 0.3])


def test_divergence_is_visible():
    pair = comparison(GRID, 0.1)
    pred = pair.pred.clone()
    pred[1, 3:] = torch.nan
    tally = Tally(standard_metrics())
    tally.add(Comparison(pred, pair.ref, pair.start, pair.dt, pair.domain))
    method = tally.finish("a", "network", (32,))
    assert method.error == math.inf
    assert method.per_trajectory["accumulated_error"][1] is None
    assert method.scores["accumulated_error"].num_undefined == 1
    assert method.num_diverged == 1
    assert tally.survivors.tolist() == [0, 2]
    assert method.curves["mean_squared_error"].mean[2] is not None
    assert method.curves["mean_squared_error"].mean[3] is None


def test_what_stays_finite_keeps_its_scores_curves_and_spectra():
    """Trajectory 1 of three diverges; the mean over the others is told with their number, and the divergence ranks as the worst."""
    pair = comparison(GRID, 0.1)
    pred = pair.pred.clone()
    pred[1, 3:] = torch.inf
    tally = Tally(standard_metrics())
    tally.add(replace(pair, pred=pred))
    method = tally.finish("a", "classical", (32,))
    score = method.scores["accumulated_error"]
    assert (score.mean, score.num_finite, score.count) == (None, 2, 3)
    assert score.finite_mean == pytest.approx((0.08 + 0.72) / 2)
    assert score.median == pytest.approx(0.72)
    curve = method.curves["mean_squared_error"]
    assert curve.median[2:4] == pytest.approx([0.04, 0.09])
    assert curve.upper_quartile[3] is None
    assert method.curves["pearson"].median == pytest.approx([1.0] * 8)
    assert method.spectrum.error[0] == pytest.approx((0.01 + 0.09) / 2)


def test_seconds_are_those_of_the_mean_step():
    pair = replace(comparison(GRID, 0.0), steps=torch.tensor([0.1, 0.2, 0.6]))
    tally = Tally(standard_metrics())
    tally.add(pair)
    assert tally.finish("a", "network", (32,)).set_scores["averaged_correlation_time_0.9"] == pytest.approx(8 * 0.3)


def test_flows_have_a_vorticity_curve_and_its_averaged_times(generator):
    grid = Grid((8, 8))
    ref = torch.randn(2, 4, 2, 8, 8, generator=generator, dtype=torch.float64)
    pred = ref.clone()
    pred[:, 2:] *= -1.0
    tally = Tally(standard_metrics())
    tally.add(Comparison(pred, ref, ref[:, :1], DT, grid, velocity=(0, 1)))
    method = tally.finish("a", "network", (8, 8))
    assert set(method.curves) == set(CURVES)
    assert method.curves["vorticity_correlation"].mean == pytest.approx([1.0, 1.0, -1.0, -1.0])
    assert method.set_scores["averaged_vorticity_correlation_time_0.8"] == pytest.approx(2 * DT)
    assert method.scores["vorticity_correlation"].mean == pytest.approx(0.0)
