"""The pieces that objectives are made of."""

import pytest
import torch
from linear_model import LinearModel, Window

from neuralpde.losses import MeanSquared, OneStep, Pushforward, Unrolled, predict, slide


def test_slide_keeps_the_newest_frames():
    frames = torch.arange(7.0).view(1, 7, 1, 1)
    assert slide(frames[:, :3], frames[:, 3:5]).flatten().tolist() == [2, 3, 4]
    assert slide(frames[:, :2], frames[:, 2:]).flatten().tolist() == [5, 6]


def test_predict_tells_time_and_coefficients():
    model = LinearModel(2.0)
    window = Window(torch.ones(1, 2, 1, 1, dtype=torch.float64), torch.tensor([0.5]), torch.tensor([[0.25]]))
    assert predict(model, window.frames[:, :1], torch.tensor([3.0]), window, None, None).item() == 2.0 + 3.0 + 0.25


@pytest.mark.parametrize(("objective", "future"), [(OneStep(MeanSquared()), 3), (Unrolled(MeanSquared(), 2), 6), (Pushforward(MeanSquared(), 2), 9)])
def test_frames_count_the_future_and_a_short_window_is_refused(objective, future):
    assert objective.frames(3) == future
    window = Window(torch.zeros(1, 2 + future - 1, 1, 4), torch.zeros(1), torch.zeros(1, 0))
    message = rf"{type(objective).__name__}: expected windows of {2 + future} frames .* got {1 + future}; set the data's future to {future}"
    with pytest.raises(ValueError, match=message):
        objective(LinearModel(1.0, history=2, horizon=3), window, domain=None, graph=None, epoch=9, generator=torch.Generator())
