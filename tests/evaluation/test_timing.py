import time

import pytest
import torch
from torch import Tensor

from neuralpde.evaluation import time_rollout, wall_time
from neuralpde.grids import Grid
from neuralpde.rollout import Stepper


class Sleeper(Stepper):
    """Takes a millisecond per trajectory and step."""

    def __init__(self) -> None:
        self.grid, self.dt, self.calls = Grid((4,)), 0.1, 0

    def __call__(self, u: Tensor, t: float = 0.0) -> Tensor:
        self.calls += 1
        time.sleep(1e-3 * u.shape[0])
        return u


def test_batch_and_single_trajectory_are_timed_apart():
    stepper = Sleeper()
    found = time_rollout(lambda part: (stepper, torch.zeros(4, 1, 1, 4)[part]), batch_size=4, num_frames=5, t=0.0, repeats=2)
    assert stepper.calls == 2 * 3 * 5
    assert found.batch_seconds >= 0.02
    assert found.seconds_per_trajectory == found.batch_seconds / 4
    assert 0.005 <= found.single_seconds < found.batch_seconds
    assert (found.batch_size, found.repeats, found.num_frames, found.device) == (4, 2, 5, "cpu")
    assert found.threads == torch.get_num_threads()


def test_warm_up_is_not_counted():
    naps = iter([0.2, 0.0, 0.0, 0.0])

    def work() -> Tensor:
        time.sleep(next(naps))
        return torch.zeros(1)

    assert wall_time(work, repeats=3) < 0.1


def test_no_repeats_is_refused():
    with pytest.raises(ValueError, match="needs at least one repeat, got 0"):
        wall_time(lambda: torch.zeros(1), repeats=0)
