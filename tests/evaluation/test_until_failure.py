import pytest
import torch

from neuralpde.evaluation.until_failure import UntilFailure
from neuralpde.grids import Grid
from neuralpde.rollout import Stepper, rollout


class Doubling(Stepper):
    """Doubles the state, and fails above a bound."""

    grid, dt = Grid((4,)), 0.5

    def __init__(self, error):
        self.error, self.calls = error, 0

    def __call__(self, u, t=0.0):
        self.calls += 1
        if u.abs().max() > 4:
            raise self.error
        return 2 * u


@pytest.mark.parametrize("error", [FloatingPointError("too large"), ValueError("too fast")])
def test_frames_before_the_failure_are_kept(error):
    solver = Doubling(error)
    stepper = UntilFailure(solver)
    found = rollout(stepper, torch.ones(1, 1, 1, 4), 6)[0, :, 0, 0]
    torch.testing.assert_close(found, torch.tensor([2.0, 4.0, 8.0, torch.nan, torch.nan, torch.nan]), equal_nan=True)
    assert stepper.reason == str(error)
    assert solver.calls == 4  # the failure ends the work
    assert stepper.dt == 0.5


def test_other_errors_are_mistakes_and_pass():
    with pytest.raises(KeyError):
        rollout(UntilFailure(Doubling(KeyError("a mistake"))), torch.ones(1, 1, 1, 4), 6)
