import torch

from neuralpde.evaluation import Mean, Persistence, Zero
from neuralpde.grids import Grid
from neuralpde.rollout import rollout

GRID = Grid((4, 4))
WINDOW = torch.arange(64.0).reshape(1, 2, 2, 4, 4)


def test_persistence_repeats_the_last_frame():
    torch.testing.assert_close(rollout(Persistence(GRID, 0.1), WINDOW, 3), WINDOW[:, -1:].expand(1, 3, 2, 4, 4))


def test_zero_vanishes():
    assert rollout(Zero(GRID, 0.1), WINDOW, 3).abs().max() == 0


def test_mean_is_taken_per_channel_and_kept():
    frames = rollout(Mean(GRID, 0.1), WINDOW, 3)
    assert frames.shape == (1, 3, 2, 4, 4)
    assert frames[0, 2, :, 1, 3].tolist() == [39.5, 55.5]
