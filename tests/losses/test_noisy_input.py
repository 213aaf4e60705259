import pytest
import torch
from linear_model import LinearModel, Window

from neuralpde.losses import MeanSquared, NoisyInput, OneStep


def window(batch=2000):
    return Window(torch.ones(batch, 2, 1, 4, dtype=torch.float64), torch.zeros(batch, dtype=torch.float64), torch.zeros(batch, 0, dtype=torch.float64))


def run(objective, model, seed=0):
    return objective(model, window(), domain=None, graph=None, epoch=0, generator=torch.Generator().manual_seed(seed))


def test_input_is_disturbed_and_the_label_is_not():
    """u = 1, label 1, weight 2: mean (2(1 + 0.3 ε) − 1)² = 1 + 0.36."""
    assert run(NoisyInput(MeanSquared(), 0.3), LinearModel(2.0)).item() == pytest.approx(1.36, rel=0.05)


def test_without_noise_it_is_the_one_step_error():
    assert run(NoisyInput(MeanSquared(), 0.0), LinearModel(2.0)) == run(OneStep(MeanSquared()), LinearModel(2.0))


def test_noise_is_a_function_of_the_generator():
    losses = [run(NoisyInput(MeanSquared(), 0.3), LinearModel(2.0), seed) for seed in (1, 1, 2)]
    assert losses[0] == losses[1] != losses[2]


def test_negative_deviation_is_refused():
    with pytest.raises(ValueError, match=r"deviation needs to be at least 0, got -1"):
        NoisyInput(MeanSquared(), -1)
