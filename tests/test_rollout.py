import pytest
import torch
from torch import Tensor

from neuralpde.grids import Grid
from neuralpde.rollout import Stepper, WindowStepper, rollout


class Decay(Stepper):
    """u(t + dt) = u(t) / 2 + t."""

    grid, dt = Grid(3), 0.5

    def __call__(self, u: Tensor, t: float = 0.0) -> Tensor:
        return u / 2 + t


class Fibonacci(WindowStepper):
    """Two frames in, three frames out."""

    grid, dt, history, horizon = Grid(2), 1.0, 2, 3

    def advance(self, window: Tensor, t: float = 0.0) -> Tensor:
        a, b = window.unbind(1)
        frames = []
        for _ in range(3):
            a, b = b, a + b
            frames.append(b)
        return torch.stack(frames, 1)


def test_single_steps_see_the_right_time():
    u = torch.ones(1, 1, 1, 3)
    expected, state = [], 1.0
    for k in range(4):
        state = state / 2 + (2.0 + 0.5 * k)
        expected.append(state)
    assert rollout(Decay(), u, 4, t=2.0)[0, :, 0, 0].tolist() == pytest.approx(expected)


def test_bundles_are_chained_and_cut():
    start = torch.ones(1, 3, 1, 2)
    out = rollout(Fibonacci(), start, 7)
    assert out.shape == (1, 7, 1, 2)
    assert out[0, :, 0, 0].tolist() == [2, 3, 5, 8, 13, 21, 34]


def test_a_short_window_is_refused():
    with pytest.raises(ValueError, match="Fibonacci needs 2 frames, got 1"):
        rollout(Fibonacci(), torch.ones(1, 1, 1, 2), 3)


def test_a_window_stepper_refuses_a_single_state():
    with pytest.raises(ValueError, match="needs 2 past frames, got one state"):
        Fibonacci()(torch.ones(1, 1, 2))
