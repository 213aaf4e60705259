"""Training pairs and sampling of denoising processes, with networks that know the answer."""

import pytest
import torch

from neuralpde.models import CosineSchedule, Diffusion, ExponentialBetas, ExponentialVariances, NoisePrediction, Refining, SignalPrediction, VelocityPrediction

PROCESSES = {
    "paper": Refining(3, 2e-7),
    "regression": Refining(0),
    "signal": Refining(3, 2e-7, SignalPrediction()),
    "mixture": Refining(3, 1e-4, SignalPrediction(0.02)),
    "signal of a diffusion": Diffusion(ExponentialBetas(3, 4e-7), SignalPrediction(0.001)),
    "released": Diffusion(ExponentialBetas(3, 4e-7)),
    "cosine": Diffusion(CosineSchedule(6), VelocityPrediction()),
    "exponential": Diffusion(ExponentialVariances(4, 2e-7), NoisePrediction()),
}
process = pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES.keys())


def draw(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


class Oracle:
    """Returns the label that belongs to the true signal and the noise that is in what it sees."""

    def __init__(self, process, signal):
        self.process, self.signal, self.calls = process, signal, []

    def __call__(self, noisy, number):
        self.calls.append((number, noisy))
        passes = torch.full((len(self.signal),), number)
        clean, _ = self.process.corrupt(self.signal, passes, torch.zeros_like(noisy))
        ones, _ = self.process.corrupt(torch.zeros_like(noisy), passes, torch.ones_like(noisy))
        noise = torch.where(ones > 0, (noisy - clean) / ones.clamp(min=1e-300), torch.zeros_like(noisy))
        return self.process.corrupt(self.signal, passes, noise)[1]


@process
def test_a_perfect_network_samples_the_truth(process):
    signal = draw(0, 4, 1, 1, 16)
    generator = torch.Generator().manual_seed(1)
    oracle = Oracle(process, signal)
    sample = process.sample(oracle, lambda: torch.randn(signal.shape, generator=generator, dtype=torch.float64), signal)
    torch.testing.assert_close(sample, signal, rtol=0, atol=1e-6)
    assert [number for number, _ in oracle.calls] == list(range(process.num_passes))


@process
def test_sampling_shows_the_network_what_training_did(process):
    """Deviation from the clean input, pass by pass."""
    signal = draw(0, 64, 1, 1, 256)
    generator = torch.Generator().manual_seed(2)
    oracle = Oracle(process, signal)
    process.sample(oracle, lambda: torch.randn(signal.shape, generator=generator, dtype=torch.float64), signal)
    for number, seen in oracle.calls:
        passes = torch.full((64,), number)
        trained, _ = process.corrupt(signal, passes, draw(3, *signal.shape))
        assert seen.std().item() == pytest.approx(trained.std().item(), rel=0.02)
        clean, _ = process.corrupt(signal, passes, torch.zeros_like(signal))
        assert (seen - clean).std().item() == pytest.approx((trained - clean).std().item(), rel=0.02)


@process
def test_untrained_loss_is_one_per_unit_variance(process):
    signal, passes = draw(0, 400, 1, 1, 256), torch.arange(400) % process.num_passes
    _, label = process.corrupt(signal, passes, draw(1, *signal.shape))
    assert label.square().mean().item() == pytest.approx(1.0, abs=0.01)


def test_paper_pairs_by_hand():
    refining, signal, noise = Refining(2, 1e-4), torch.tensor([[2.0], [2.0], [2.0]]), torch.tensor([[5.0], [5.0], [-3.0]])
    noisy, label = refining.corrupt(signal, torch.tensor([0, 1, 2]), noise)
    torch.testing.assert_close(noisy.flatten(), torch.tensor([0.0, 2 + 0.1 * 5, 2 - 0.01 * 3]))
    torch.testing.assert_close(label.flatten(), torch.tensor([2.0, 5.0, -3.0]))


def test_a_mixture_trusts_what_it_sees_where_the_noise_is_below_its_own_error():
    """Of noise of the size of the error half is kept: the mixture of least variance of two independent estimates."""
    prediction, signal, noise = SignalPrediction(0.01), draw(0, 5), draw(1, 5)
    one = torch.ones(())
    for deviation, seen in ((1.0, 1e-4 / 1.0001), (0.01, 0.5), (0.001, 1e-4 / (1e-6 + 1e-4))):
        estimate = prediction.signal(signal + deviation * noise, signal, 1.0, deviation)
        torch.testing.assert_close(estimate - signal, seen * deviation * noise)
        label = prediction.label(signal, noise, one, torch.tensor(deviation, dtype=torch.float64))
        torch.testing.assert_close(prediction.signal(signal + deviation * noise, label, 1.0, deviation), signal)


def test_a_negative_error_is_refused():
    with pytest.raises(ValueError, match="at least 0, got -1"):
        SignalPrediction(-1)


def test_levels_are_those_of_the_release_in_reverse_order():
    assert Diffusion(ExponentialBetas(3, 4e-7)).levels == pytest.approx((1000.0, 666.67, 333.33, 0.0), abs=0.01)
    assert Refining(3).levels == pytest.approx((0.0, 333.33, 666.67, 1000.0), abs=0.01)


def test_released_first_pass_sees_pure_noise_and_predicts_minus_the_signal():
    released, signal, noise = Diffusion(ExponentialBetas(3, 4e-7)), draw(0, 2, 1, 1, 8), draw(1, 2, 1, 1, 8)
    noisy, label = released.corrupt(signal, torch.zeros(2, dtype=torch.int64), noise)
    torch.testing.assert_close(noisy, noise)
    torch.testing.assert_close(label, -signal)


def test_single_precision_keeps_the_smallest_noise():
    """Coefficients are rounded once, after they were computed in double precision."""
    _, label = Diffusion(ExponentialBetas(3, 2e-7)).corrupt(torch.ones(1, 1), torch.tensor([3]), torch.zeros(1, 1))
    assert label.item() == pytest.approx(-((2e-7) ** 0.5), rel=1e-6)
