import pytest
import torch

from neuralpde.data import Window
from neuralpde.losses import TrajectoryLoss


class Stub:
    """Doubles the initial state at every frame; its rows are the distance to 3."""

    history, horizon, dt = 1, 4, 0.1

    def domain(self, grid, *, start=0.0, num_frames=None):
        return start

    def __call__(self, initial, coefficients, domain, *, generator=None, graph=None):
        frames = 2 * initial.unsqueeze(1).expand(-1, 5, -1, -1)
        return type("Solution", (), {"frames": frames})

    def penalties(self, solution, initial, coefficients, domain):
        distance = (solution.frames - 3).flatten(1).square().mean(1).sqrt()
        return torch.stack([distance, 0.5 * distance])


def window(frames):
    return Window(frames, torch.zeros(len(frames)), torch.zeros(len(frames), 0))


def value(loss, frames):
    return loss(Stub(), window(frames), domain=None, graph=None, epoch=0, generator=torch.Generator())


def test_physics_alone_reads_no_solution():
    """The frames after the first are not numbers, and the loss does not notice."""
    frames = torch.full((2, 5, 1, 8), torch.nan)
    frames[:, 0] = 1.0
    torch.testing.assert_close(value(TrajectoryLoss(), frames), torch.tensor(1.5))


def test_data_alone_and_both():
    frames = torch.ones(2, 5, 1, 8)
    torch.testing.assert_close(value(TrajectoryLoss(physics=0.0, data=1.0), frames), torch.tensor(1.0))
    torch.testing.assert_close(value(TrajectoryLoss(physics=2.0, data=10.0), frames), torch.tensor(13.0))


def test_bad_use_is_refused():
    with pytest.raises(ValueError, match="needs a positive weight"):
        TrajectoryLoss(physics=0.0)
    with pytest.raises(ValueError, match="expected windows of 5 frames"):
        value(TrajectoryLoss(), torch.ones(2, 4, 1, 8))
