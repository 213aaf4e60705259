import json
import math

import pytest
import torch
from noisy_forecasts import DT, Drifting, Shifting, waves

from neuralpde.evaluation import InputNoise, ModelEnsemble, Seeds, Uncertainty

RATES = 0.4 / torch.arange(1, 33)  # waves of rate r part after times of about 1/r: spread evenly


def sources(**more):
    return {"seeds": Seeds(num_samples=16), **more}


def test_agreement_between_samples_predicts_the_truth():
    """Samples turn by (z + 1) r per step and the truth by nothing: the mean cosine falls with r n, between samples as well as to the truth."""
    found = Uncertainty(sources=sources(), start=1, batch_size=5)(Drifting(), waves(RATES, num_frames=60), name="drift")
    (seeds,) = found.sources
    draws = torch.stack([torch.randn((), generator=torch.Generator().manual_seed(s)) for s in range(16)]).double()
    n = torch.arange(1, 60, dtype=torch.float64)
    true = torch.cos(RATES.double()[:, None, None] * n[:, None] * (1 + draws)).mean(dim=-1)
    first_below = [(row < 0.8).nonzero()[0].item() if (row < 0.8).any() else 59 for row in true]
    assert seeds.true_time == pytest.approx([DT * k for k in first_below])
    assert seeds.num_samples == 16
    assert seeds.fit.r_squared > 0.98
    assert seeds.fit.count == 32 - sum(seeds.censored)
    assert found.times[:2] == pytest.approx([DT, 2 * DT])
    assert found.settings["num_frames"] == 59


def test_sources_that_do_not_apply_are_left_out_with_the_reason():
    study = Uncertainty(sources=sources(ensemble=ModelEnsemble(), noise=InputNoise(0.1, num_samples=4)), start=1, num_frames=4)
    found = study(Shifting(), waves(RATES))
    assert [source.name for source in found.sources] == ["noise"]
    assert found.notes == (
        "seeds was left out: Shifting draws no random numbers, so that its rollouts are all the same.",
        "ensemble was left out: no other models were named.",
    )
    with pytest.raises(ValueError, match=r"needs a source of several rollouts, got none that can be used \(seeds: Shifting draws"):
        Uncertainty(sources=sources())(Shifting(), waves(RATES))


def test_noise_on_a_start_that_is_kept_never_parts():
    """A model that turns nothing keeps the noise of its start for ever: correlation 1 / (1 + 2 std²) between samples of a unit cosine."""
    found = Uncertainty(sources={"noise": InputNoise(0.5, num_samples=32)}, start=1, num_frames=3)(Shifting(), waves(torch.zeros(64), num_points=256))
    assert found.sources[0].cross_correlation == pytest.approx([1 / 1.5] * 3, abs=0.01)
    assert found.sources[0].true_correlation == pytest.approx([1 / math.sqrt(1.5)] * 3, abs=0.01)


def test_numbers_do_not_depend_on_the_batches():
    results = [Uncertainty(sources=sources(), start=1, num_frames=9, batch_size=size)(Drifting(), waves(RATES)).sources[0] for size in (32, 7)]
    assert results[0].cross_time == results[1].cross_time
    assert results[0].cross_correlation == pytest.approx(results[1].cross_correlation, abs=1e-12)
    assert results[0].calibration.bands[1][0] == pytest.approx(results[1].calibration.bands[1][0])


def test_one_sample_is_refused():
    with pytest.raises(ValueError, match="at least 2 samples of every trajectory, got 1"):
        Uncertainty(sources={"seeds": Seeds(num_samples=1)})(Drifting(), waves(RATES))


def test_report_by_the_study(tmp_path):
    study = Uncertainty(sources=sources(noise=InputNoise(0.1, num_samples=3)), start=1, num_frames=20)
    result = study(Drifting(), waves(RATES), name="drift")
    page, text = study.report(result, tmp_path)
    assert text is not None
    content = json.loads((tmp_path / "metrics.json").read_text())
    assert content == result.to_dict()
    assert content["sources"][0]["fit"]["r_squared"] == pytest.approx(result.sources[0].fit.r_squared)
    assert page.read_text().count("data:image/png;base64,") == 3
