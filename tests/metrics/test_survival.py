import pytest
import torch

from neuralpde.metrics import max_normalised_l1, survival_time


def drifting(num_frames: int = 10) -> tuple[torch.Tensor, torch.Tensor]:
    ref = torch.tensor([2.0, -4.0, 1.0, 3.0], dtype=torch.float64).expand(1, num_frames, 1, 4)
    offset = 0.1 * torch.arange(num_frames, dtype=torch.float64).reshape(1, -1, 1, 1)
    return ref + offset, ref


def test_error_is_divided_by_the_largest_value():
    pred, ref = drifting()
    torch.testing.assert_close(max_normalised_l1(pred, ref)[0], 0.1 * torch.arange(10, dtype=torch.float64) / 4)


def test_time_until_a_tenth_of_the_largest_value():
    pred, ref = drifting()
    # 0.1 k / 4 exceeds 0.1 first at k = 5.
    crossing = survival_time(pred, ref, dt=0.2)
    assert crossing.time.item() == pytest.approx(1.0)
    assert not crossing.censored.item()


def test_survivors_are_censored_and_nan_is_death():
    pred, ref = drifting(4)
    assert survival_time(pred, ref, dt=0.2).censored.item()
    pred[:, 2] = torch.nan
    crossing = survival_time(pred, ref, dt=0.2)
    assert crossing.time.item() == pytest.approx(0.4)
    assert crossing.undefined.item()
