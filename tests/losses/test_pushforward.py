"""The pushforward trick: what is predicted, at which time, with which gradient, how often."""

from collections import Counter

import pytest
import torch
from linear_model import LinearModel, Window

from neuralpde.losses import MeanSquared, OneStep, Pushforward


def _window(num_frames: int, *, start: float = 0.0) -> Window:
    frames = torch.arange(1.0, num_frames + 1, dtype=torch.float64).view(1, num_frames, 1, 1)
    return Window(frames, torch.tensor([start], dtype=torch.float64), torch.zeros(1, 0, dtype=torch.float64))


def _run(objective, model, window, *, epoch=9, seed=0):
    return objective(model, window, domain=None, graph=None, epoch=epoch, generator=torch.Generator().manual_seed(seed))


def _seed_with(unrolls: int, objective: Pushforward, num_frames: int) -> int:
    """A seed that draws ``unrolls``."""
    for seed in range(100):
        model = LinearModel(1.0)
        _run(objective, model, _window(num_frames), seed=seed)
        if len(model.calls) == unrolls + 1:
            return seed
    raise AssertionError(f"no seed draws {unrolls} unrolls")


def test_gradient_does_not_flow_through_the_unroll():
    # u = 1, t = 0, dt 0.5, w = 2. Without gradient: v = w·1 + 0 = 2. With gradient: w·v + 0.5 = 4.5; label 3.
    # d loss / dw = 2 (4.5 − 3) · v = 6; through the unroll it would be 2 (4.5 − 3) (v + w) = 12.
    objective, model = Pushforward(MeanSquared(), 1), LinearModel(2.0)
    loss = _run(objective, model, _window(3), seed=_seed_with(1, objective, 3))
    loss.backward()
    assert loss.item() == pytest.approx(1.5**2, rel=1e-12)
    assert model.weight.grad.item() == pytest.approx(6.0, rel=1e-12)
    assert [grad for _, _, grad in model.calls] == [False, True]


def test_time_and_labels_advance_by_the_horizon():
    objective = Pushforward(MeanSquared(), 2)
    model = LinearModel(1.0, history=2, horizon=3, dt=0.5)
    seed = next(s for s in range(100) if _calls(objective, s) == 3)
    _run(objective, model, _window(11, start=7.0), seed=seed)
    assert [time.item() for _, time, _ in model.calls] == [7.0, 8.5, 10.0]
    assert model.calls[1][0].flatten().tolist() == [2.0 + 7.0] * 2  # the two newest of the predicted frames


def _calls(objective: Pushforward, seed: int) -> int:
    model = LinearModel(1.0, history=2, horizon=3)
    _run(objective, model, _window(11), seed=seed)
    return len(model.calls)


def test_a_smaller_number_of_unrolls_starts_anywhere_in_the_window():
    # A model that adds the time to the frame is exact on frames 1, 2, 3, … only if it is told the time of the frame it gets.
    objective = Pushforward(MeanSquared(), 3, warmup_epochs=1)
    starts = Counter()
    for seed in range(200):
        model = LinearModel(1.0, dt=1.0)
        _run(objective, model, _window(5, start=1.0), epoch=0, seed=seed)
        state, time, _ = model.calls[0]
        assert state.item() == time.item()  # frame k of the window has the value k and the time k
        starts[int(time)] += 1
    assert set(starts) == {1, 2, 3, 4} and min(starts.values()) > 25


@pytest.mark.parametrize(("epoch", "warmup", "largest"), [(0, 1, 0), (1, 1, 1), (2, 1, 2), (9, 1, 2), (3, 2, 1), (0, 0, 2)])
def test_unrolls_are_uniform_below_the_warm_up_limit(epoch, warmup, largest):
    objective, drawn = Pushforward(MeanSquared(), 2, warmup_epochs=warmup), Counter()
    for seed in range(300):
        model = LinearModel(1.0)
        _run(objective, model, _window(4), epoch=epoch, seed=seed)
        drawn[len(model.calls) - 1] += 1
    assert set(drawn) == set(range(largest + 1))
    expected = 300 / (largest + 1)
    assert all(abs(count - expected) < 4 * expected**0.5 for count in drawn.values())


def test_same_generator_same_loss_and_without_unrolls_it_is_one_step():
    objective = Pushforward(MeanSquared(), 0)
    window = _window(2)
    assert _run(objective, LinearModel(2.0), window) == _run(OneStep(MeanSquared()), LinearModel(2.0), window)
    many = Pushforward(MeanSquared(), 3)
    assert _run(many, LinearModel(2.0), _window(5), seed=3) == _run(many, LinearModel(2.0), _window(5), seed=3)


def test_weights_keep_their_gradient_under_autocast():
    class Half(LinearModel):
        def __init__(self):
            super().__init__(1.0)
            self.layer = torch.nn.Linear(4, 4)

        def forward(self, window, conditions):
            self.calls.append((window, conditions.time, torch.is_grad_enabled()))
            return self.layer(window).float()

    objective = Pushforward(MeanSquared(), 1)
    model = Half()
    window = Window(torch.randn(2, 3, 1, 4, generator=torch.Generator().manual_seed(0)), torch.zeros(2), torch.zeros(2, 0))
    with torch.autocast("cpu", torch.bfloat16):
        loss = _run(objective, model, window, seed=_seed_with(1, objective, 3))
    loss.backward()
    assert len(model.calls) == 2 and model.layer.weight.grad.abs().sum() > 0


def test_negative_arguments_are_refused():
    with pytest.raises(ValueError, match="Pushforward: max_unrolls and warmup_epochs need to be at least 0, got -1 and 1; raise"):
        Pushforward(MeanSquared(), -1)
