import pytest
import torch
from linear_model import LinearModel, Window

from neuralpde.losses import Dissipative, MeanSquared, OneStep


def run(objective, weight, seed=0):
    batch = 200
    window = Window(torch.ones(batch, 2, 1, 4, dtype=torch.float64), torch.zeros(batch, dtype=torch.float64), torch.zeros(batch, 0, dtype=torch.float64))
    model = LinearModel(weight)
    return objective(model, window, domain=None, graph=None, epoch=0, generator=torch.Generator().manual_seed(seed)), model


def test_excess_over_the_contraction_is_added():
    """f(v) = w v: the added term is weight (w − λ)² whatever the shell."""
    loss, _ = run(Dissipative(MeanSquared(), inner=5.0, outer=7.0, contraction=0.25, weight=3.0), 2.0)
    plain, _ = run(OneStep(MeanSquared()), 2.0)
    assert (loss - plain).item() == pytest.approx(3 * (2 - 0.25) ** 2, rel=1e-9)


def test_states_lie_on_the_shell():
    _, model = run(Dissipative(MeanSquared(), inner=5.0, outer=7.0), 1.0)
    far = model.calls[1][0]
    rms = far.flatten(1).square().mean(1).sqrt()
    assert 5 <= rms.min() < 5.1 and 6.9 < rms.max() <= 7


@pytest.mark.parametrize("options", [{"inner": 2.0, "outer": 1.0}, {"inner": 1.0, "outer": 2.0, "contraction": 1.0}])
def test_impossible_settings_are_refused(options):
    with pytest.raises(ValueError, match="needs 0 < inner <= outer and 0 <= contraction < 1"):
        Dissipative(MeanSquared(), **options)
