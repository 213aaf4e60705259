import pytest
import torch
from noisy_forecasts import Drifting, Shifting, waves

from neuralpde.evaluation import InputNoise, ModelEnsemble, Seeds, Task

RATES = torch.tensor([0.1, 0.2, 0.4])
PART = slice(1, 3)


def task(model, **options):
    return Task.build(model, waves(RATES), start=2, num_frames=5, batch_size=2)


def test_seeds_are_rollouts_of_consecutive_seeds():
    chosen = task(Drifting())
    found = list(Seeds(num_samples=3, seed=7).rollouts(chosen, PART))
    expected = [chosen.predict(Drifting().bind(chosen.data.domain, RATES[PART, None], seed), PART) for seed in (7, 8, 9)]
    torch.testing.assert_close(torch.stack(found), torch.stack(expected))
    assert not torch.equal(found[0], found[1])


def test_seeds_need_a_model_with_random_numbers():
    assert Seeds().refusal(task(Drifting())) == ""
    assert "Shifting draws no random numbers" in Seeds().refusal(task(Shifting()))
    with pytest.raises(ValueError, match=r"Seeds: needs a model that refines by random numbers, got Shifting; use InputNoise"):
        next(iter(Seeds().rollouts(task(Shifting()), PART)))


def test_input_noise_has_the_stated_deviation_and_is_repeatable():
    """A model that turns nothing keeps the noise of the start."""
    chosen = Task.build(Shifting(), waves(torch.zeros(512)), start=1, num_frames=2, batch_size=512)
    source = InputNoise(std=0.01, num_samples=2, seed=3)
    found = torch.stack(list(source.rollouts(chosen, slice(0, 512))))
    noise = found[:, :, 0] - chosen.given(slice(0, 512))[:, 0]
    assert noise.std().item() == pytest.approx(0.01, rel=0.02)
    assert abs(torch.corrcoef(noise.flatten(1))[0, 1].item()) < 0.05
    torch.testing.assert_close(torch.stack(list(source.rollouts(chosen, slice(0, 512)))), found, atol=0, rtol=0)
    assert source.definition == "one model, starts with white noise of standard deviation 0.01 added"
    assert "zero" in InputNoise(std=0.0).refusal(chosen)


def test_ensemble_holds_the_model_itself_first():
    chosen = task(Shifting())
    found = list(ModelEnsemble(members=(Shifting(0.3),)).rollouts(chosen, PART))
    torch.testing.assert_close(found[0], chosen.predict(Shifting().bind(chosen.data.domain, RATES[PART, None]), PART))
    torch.testing.assert_close(found[1], chosen.predict(Shifting(0.3).bind(chosen.data.domain, RATES[PART, None]), PART))
    assert "no other models" in ModelEnsemble().refusal(chosen)


def test_members_of_another_step_are_refused():
    other = Shifting()
    other.dt = 0.1
    with pytest.raises(ValueError, match=r"every member needs dt=0\.5 and at most 2 frames of history, got dt=0\.1"):
        list(ModelEnsemble(members=(other,)).rollouts(task(Shifting()), PART))
