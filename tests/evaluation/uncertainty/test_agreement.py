import math

import pytest
import torch
from noisy_forecasts import DT, Shifting, waves

from neuralpde.evaluation import Comparison, Task
from neuralpde.evaluation.uncertainty import Agreement
from neuralpde.grids import Grid
from neuralpde.metrics import cross_correlation, pearson, vorticity

RATES = torch.tensor([0.05, 0.1, 0.2, 0.4])


def agreement(data, errors, threshold=0.8, batch_size=3):
    chosen = Task.build(Shifting(), data, start=1, num_frames=None, batch_size=batch_size)
    found = Agreement(threshold)
    for part in chosen.parts():
        pairs = (chosen.comparison(chosen.predict(Shifting(error).bind(data.domain, data.coefficients[part]), part), part) for error in errors)
        found.add(pairs)
    return found.finish("pairs", "two models")


def frames_until(rate, threshold=0.8):
    """Frames n = 1, 2, … with cos(n rate) ≥ threshold."""
    return math.floor(math.acos(threshold) / rate + 1e-9)


def test_times_of_turning_waves():
    """The truth turns by the rate; the two samples by that rate ± 0.02, so cosines of known angles are all that happens."""
    data = waves(RATES, truth=RATES, num_frames=60)
    found = agreement(data, (0.02, -0.02))
    assert found.num_samples == 2
    assert found.cross_time == pytest.approx([DT * frames_until(0.04)] * 4)
    assert found.true_time == pytest.approx([DT * frames_until(0.02)] * 4)
    assert found.censored == [False] * 4
    assert found.cross_correlation[:3] == pytest.approx([math.cos(0.04 * n) for n in (1, 2, 3)], abs=1e-5)
    assert found.true_correlation[:3] == pytest.approx([math.cos(0.02 * n) for n in (1, 2, 3)], abs=1e-5)
    assert found.averaged_true_time == pytest.approx(DT * frames_until(0.02))
    # The mean of the two turns with the truth exactly.
    assert found.averaged_mean_time == pytest.approx(DT * 59)


def test_scatter_over_trajectories_and_censoring():
    """Samples that turn by the rate and by twice the rate: both times are inversely proportional to it; the slowest never parts."""
    rates = torch.tensor([0.004, 0.03, 0.06, 0.12])
    data = waves(rates, num_frames=40)
    chosen = Task.build(Shifting(), data, start=1, num_frames=None, batch_size=4)
    found = Agreement(0.8)
    part = slice(0, 4)
    found.add(chosen.comparison(chosen.predict(Shifting().bind(data.domain, factor * data.coefficients), part), part) for factor in (1.0, 2.0))
    result = found.finish("pairs", "two speeds")
    assert result.cross_time == pytest.approx([DT * 39, *(DT * frames_until(rate) for rate in (0.03, 0.06, 0.12))])
    expected = [next(n for n in range(1, 41) if (math.cos(n * rate) + math.cos(2 * n * rate)) / 2 < 0.8) - 1 for rate in (0.03, 0.06, 0.12)]
    assert result.true_time[1:] == pytest.approx([DT * n for n in expected])
    assert result.censored == [True, False, False, False]
    assert result.fit.count == 3
    assert result.fit_all.count == 4
    assert result.fit.r_squared > 0.98
    assert result.fit.slope == pytest.approx(sum(expected) / sum(frames_until(rate) for rate in (0.03, 0.06, 0.12)), rel=0.1)


def test_own_steps_turn_frames_into_seconds():
    steps = torch.tensor([1.0, 2.0, 3.0, 4.0])
    found = agreement(waves(RATES, truth=RATES, steps=steps, num_frames=60), (0.02, -0.02))
    assert found.cross_time == pytest.approx([frames_until(0.04) * s for s in (1.0, 2.0, 3.0, 4.0)])
    assert found.averaged_true_time == pytest.approx(frames_until(0.02) * 2.5)


def test_calibration_by_wavenumber():
    """Samples cos(x) ± e: spread and error lie in shell 1; in shell 0 is nothing."""
    data = waves(RATES, truth=RATES, num_frames=17)
    found = agreement(data, (0.02, -0.02)).calibration
    assert found.times == pytest.approx([DT, DT * 3, DT * 5, DT * 9])
    # Two unit cosines at angles ± a have the variance sin² a and their mean is cos a, off by 1 − cos a (mean squares are half of that).
    assert [row[1] for row in found.spread] == pytest.approx([math.sin(0.02 * n) ** 2 for n in (1, 3, 5, 9)], rel=1e-3)
    assert found.error[3][1] == pytest.approx((1 - math.cos(0.18)) ** 2 / 2, rel=1e-2)
    expected = math.sqrt(1.5 * math.sin(0.18) ** 2 / ((1 - math.cos(0.18)) ** 2 / 2))
    assert found.ratio[3][1] == pytest.approx(expected, rel=1e-2)
    assert found.bands[3][0] == pytest.approx(expected, rel=1e-2)
    assert found.total_ratio[8] == pytest.approx(expected, rel=1e-2)


def test_diverged_trajectories_are_counted_and_left_out_of_the_calibration():
    data = waves(RATES, truth=RATES, num_frames=17)
    chosen = Task.build(Shifting(), data, start=1, num_frames=None, batch_size=4)
    found, part = Agreement(0.8), slice(0, 4)
    preds = [chosen.predict(Shifting(error).bind(data.domain, data.coefficients), part) for error in (0.02, -0.02)]
    preds[0][2, 5:] = torch.nan
    found.add(chosen.comparison(pred, part) for pred in preds)
    result = found.finish("pairs", "one of them blows up")
    assert result.num_diverged == 1
    assert result.cross_time[2] == pytest.approx(5 * DT)
    assert result.cross_correlation[4] is not None and result.cross_correlation[5] is None
    assert result.calibration.spread[0][1] == pytest.approx(math.sin(0.02) ** 2, rel=1e-3)


def test_flows_part_by_their_vorticity(generator):
    grid = Grid((8, 8))
    ref = torch.randn(3, 2, 2, 8, 8, generator=generator, dtype=torch.float64)
    preds = [ref + torch.randn(ref.shape, generator=generator, dtype=torch.float64) for _ in range(3)]
    found = Agreement(0.8)
    found.add(Comparison(pred, ref, ref[:, :1], DT, grid, velocity=(0, 1)) for pred in preds)
    result = found.finish("flows", "")
    curls = torch.stack([vorticity(pred, grid) for pred in preds])
    assert result.cross_correlation == pytest.approx(cross_correlation(curls).mean(dim=0).tolist())
    true = torch.stack([pearson(curl, vorticity(ref, grid)) for curl in curls]).mean(dim=(0, 1))
    assert result.true_correlation == pytest.approx(true.tolist())
