import math

import pytest
import torch

from neuralpde.solvers import StepControl


def test_norm_is_per_trajectory_and_takes_the_worst_channel():
    control = StepControl(rtol=0.1, atol=1.0)
    error = torch.tensor([[[1.0, 1.0], [3.0, 3.0]], [[0.0, 0.0], [0.0, 0.0]]])
    after = torch.full((2, 2, 2), -5.0)
    assert control.norm(error, torch.zeros(2, 2, 2), after).tolist() == pytest.approx([2.0, 0.0])


def test_factor_is_the_root_of_the_error_within_bounds():
    norm = torch.tensor([1.0, 1 / 32, 1e9, 0.0, math.nan, math.inf])
    assert StepControl().factor(norm, 5, torch.tensor(False)).tolist() == pytest.approx([0.9, 1.8, 0.2, 5.0, 0.2, 0.2])
    assert StepControl().factor(norm, 5, torch.tensor(True)).tolist() == pytest.approx([0.9, 1.0, 0.2, 1.0, 0.2, 0.2])


def test_first_step_is_a_hundredth_of_the_time_scale_and_at_most_the_span():
    u = torch.ones(3, 1, 4)
    slope = torch.tensor([0.0, 1e-9, 10.0]).view(3, 1, 1).expand(3, 1, 4)
    assert StepControl(1e-3, 1e-3).first_step(slope, u, 0.5).tolist() == pytest.approx([0.5, 0.5, 0.001])


def test_refuses_tolerances_that_are_not_positive():
    with pytest.raises(ValueError, match=r"needs rtol >= 0, atol > 0 and max_steps >= 1, got 1e-06, 0.0, 10000"):
        StepControl(atol=0.0)
