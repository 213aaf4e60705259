"""Constants of the schedules, to the digits of the published tables."""

import math

import pytest
import torch

from neuralpde.models import CosineSchedule, ExponentialBetas, ExponentialVariances
from neuralpde.models.noise_schedules import refinement_deviations

# Executed with the released code's scheduler in single precision (levels t = 0 … 3): kept signal, deviation, and the posterior's three factors.
RELEASED = {
    4e-7: [
        (0.9999995828, 6.4594e-4, 1.0, 0.0, 0.0),
        (0.9999452829, 7.3971e-3, 0.99237493, 7.625e-3, 6.4347e-4),
        (0.9925776124, 8.6153e-2, 0.99265526, 7.345e-3, 7.3700e-3),
        (0.0, 1.0, 0.99628189, 0.0, 8.6153e-2),
    ]
}
# One minus the smallest variance is a multiple of 6e-8 in single precision, which moves these numbers in the digit given.
SINGLE = {"kept": 1.2e-7, "deviation": 0.025}


def test_released_schedule_has_the_published_constants():
    schedule = ExponentialBetas(3, 4e-7)
    for variance, step, (kept, deviation, signal, memory, noise) in zip(schedule.variances(), schedule.posterior(), RELEASED[4e-7], strict=True):
        assert 1 - variance.item() == pytest.approx(kept, abs=SINGLE["kept"])
        assert variance.sqrt().item() == pytest.approx(deviation, rel=SINGLE["deviation"])
        assert step.signal == pytest.approx(signal, abs=4e-4)
        assert step.memory == pytest.approx(memory, abs=4e-4)
        assert step.noise == pytest.approx(noise, rel=SINGLE["deviation"])


def test_released_constants_to_every_printed_digit_in_the_precision_of_the_original():
    """The same formulas on products in single precision, as the original stores them."""
    kept = torch.cumprod(1 - ExponentialBetas(3, 4e-7).betas().float(), 0)
    assert [f"{value:.10f}" for value in kept.tolist()] == ["0.9999995828", "0.9999452829", "0.9925776124", "0.0000000000"]
    assert [f"{value:.4e}" for value in (1 - kept).sqrt().tolist()] == ["6.4594e-04", "7.3971e-03", "8.6153e-02", "1.0000e+00"]
    kept = kept.double()
    before = torch.cat([torch.ones(1, dtype=torch.float64), kept[:-1]])
    betas = 1 - kept / before
    signal, memory = before.sqrt() * betas / (1 - kept), (1 - betas).sqrt() * (1 - before) / (1 - kept)
    assert [f"{value:.8f}" for value in signal.tolist()][1:] == ["0.99237493", "0.99265526", "0.99628189"]
    assert [f"{value:.3e}" for value in memory.tolist()][1:3] == ["7.625e-03", "7.345e-03"]
    noise = (betas * (1 - before) / (1 - kept)).sqrt()
    assert [f"{value:.4e}" for value in noise.tolist()][1:] == ["6.4347e-04", "7.3700e-03", "8.6153e-02"]


def test_variance_of_the_main_experiment():
    variances = ExponentialBetas(3, 2e-7).variances()
    assert [f"{value:.10f}" for value in (1 - variances.float()).tolist()][1:] == ["0.9999656081", "0.9941177368", "0.0000000000"]
    assert variances[0].item() == pytest.approx(2e-7, rel=1e-9), "single precision would give 1.79e-7"
    single = 1 - torch.cumprod(1 - ExponentialBetas(3, 2e-7).betas().float(), 0)
    assert [f"{value:.4e}" for value in single.sqrt().tolist()] == ["4.2286e-04", "5.8645e-03", "7.6696e-02", "1.0000e+00"]
    torch.testing.assert_close(variances.sqrt()[1:], single.sqrt()[1:].double(), rtol=2e-4, atol=0)


def test_deviations_of_the_paper():
    assert [f"{value:.2e}" for value in refinement_deviations(3, 2e-7).tolist()] == ["7.65e-02", "5.85e-03", "4.47e-04"]
    assert refinement_deviations(8, 1e-6)[-1].item() == pytest.approx(1e-3, rel=1e-14)
    assert len(refinement_deviations(0, 2e-7)) == 0


def test_geometric_variances_have_their_ends_and_ratio():
    variances = ExponentialVariances(5, 1e-6, 0.9).variances()
    torch.testing.assert_close(variances[[0, -1]], torch.tensor([1e-6, 0.9], dtype=torch.float64), rtol=1e-9, atol=0)
    torch.testing.assert_close(variances[1:] / variances[:-1], torch.full((4,), (0.9e6) ** 0.25, dtype=torch.float64), rtol=1e-6, atol=0)


def test_cosine_schedule():
    variances = CosineSchedule(10).variances()
    f = [math.cos((t / 10 + 0.008) / 1.008 * math.pi / 2) ** 2 for t in range(10)]
    torch.testing.assert_close(1 - variances[:-1], torch.tensor(f[1:], dtype=torch.float64) / f[0])
    assert 0.999 < variances[-1] < 1


def test_posterior_keeps_the_marginal_variance():
    """Given the true signal, the variance after a step is that of the next level."""
    for schedule in (ExponentialBetas(3, 4e-7), CosineSchedule(6), ExponentialVariances()):
        noise = [0.0, *schedule.variances().tolist()]
        for t, step in enumerate(schedule.posterior()):
            assert step.signal + step.memory * math.sqrt(1 - noise[t + 1]) == pytest.approx(math.sqrt(1 - noise[t]), abs=1e-9)
            assert step.memory**2 * noise[t + 1] + step.noise**2 == pytest.approx(noise[t], abs=1e-12, rel=1e-6)


@pytest.mark.parametrize("build", [lambda: ExponentialBetas(0, 1e-7), lambda: ExponentialBetas(3, 0.0), lambda: ExponentialVariances(3, 0.5, 1.0)])
def test_impossible_schedules_are_refused(build):
    with pytest.raises(ValueError, match=r"needs at least one step and a smallest variance in \(0, 1\)|maximum_variance needs to be below 1"):
        build()
