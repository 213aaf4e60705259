"""One call, by hand."""

import pytest
import torch
from linear_model import LinearModel, Window

from neuralpde.losses import MeanSquared, OneStep


def test_value_with_bundling():
    # history 2, horizon 2: predictions from frame 2.0 at t = 0.1 are 3·2 + 0.1 and 9·2 + 0.1; labels 6 and 20; the last frame is not used
    frames = torch.tensor([1.0, 2.0, 6.0, 20.0, 99.0], dtype=torch.float64).view(1, 5, 1, 1)
    window = Window(frames, torch.tensor([0.1], dtype=torch.float64), torch.zeros(1, 0, dtype=torch.float64))
    model = LinearModel(3.0, history=2, horizon=2)
    loss = OneStep(MeanSquared())(model, window, domain=None, graph=None, epoch=0, generator=torch.Generator())
    assert loss.item() == pytest.approx((0.1**2 + 1.9**2) / 2, rel=1e-12)
    assert len(model.calls) == 1
