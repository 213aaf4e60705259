import pytest
import torch

from neuralpde.constraints import TimeAxis

AXIS = TimeAxis(4, dt=0.5, scale=2.0)


def test_times_start_with_the_initial_frame():
    assert AXIS.times().tolist() == [0.0, 0.5, 1.0, 1.5, 2.0] and AXIS.times().dtype == torch.float64
    assert AXIS.times(start=3.0, num_frames=2).tolist() == [3.0, 3.5]


def test_training_ends_at_one_wherever_it_starts():
    assert AXIS.scaled(AXIS.times(start=3.0)).tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert AXIS.scaled(AXIS.times(num_frames=7))[-1] == 1.5


@pytest.mark.parametrize(("horizon", "dt", "scale"), [(0, 0.5, 2.0), (4, -0.5, 2.0), (4, 0.5, 0.0)])
def test_refuses_what_is_no_axis(horizon, dt, scale):
    with pytest.raises(ValueError, match=rf"TimeAxis: needs positive numbers, got horizon={horizon}, dt={dt} and scale={scale}; take"):
        TimeAxis(horizon, dt, scale)
