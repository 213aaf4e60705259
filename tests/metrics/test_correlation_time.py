import pytest
import torch

from neuralpde.metrics import averaged_correlation_time, correlation_time, first_failure, high_correlation_frames

CORRELATION = torch.tensor([[0.99, 0.9, 0.7, 0.95], [0.99, 0.98, 0.97, 0.96], [0.5, 0.99, 0.99, 0.99]])


def test_first_crossing_per_trajectory_with_censoring():
    time, censored, undefined = correlation_time(CORRELATION, threshold=0.8, dt=0.5)
    assert time.tolist() == [1.0, 2.0, 0.0]
    assert censored.tolist() == [False, True, False]
    assert undefined.tolist() == [False, False, False]


def test_averaging_first_gives_another_number():
    # Means over trajectories: 0.827, 0.957, 0.887, 0.967.
    assert averaged_correlation_time(CORRELATION, threshold=0.9, dt=0.5).time.item() == 0.0
    assert averaged_correlation_time(CORRELATION, threshold=0.85, dt=0.5).time.item() == 0.0
    crossing = averaged_correlation_time(CORRELATION, threshold=0.8, dt=0.5)
    assert crossing.time.item() == 2.0
    assert crossing.censored.item()


def test_the_count_does_not_stop_at_the_first_failure():
    assert high_correlation_frames(CORRELATION, threshold=0.9).item() == 2


def test_missing_correlation_ends_the_interval_and_is_counted():
    correlation = torch.tensor([[0.99, torch.nan, 0.99]])
    time, censored, undefined = correlation_time(correlation, threshold=0.8, dt=1.0)
    assert time.item() == 1.0
    assert not censored.item()
    assert undefined.item()


@pytest.mark.parametrize(("holds", "frames"), [([True, True], 2), ([False, True], 0), ([True, False], 1)])
def test_frames_before_the_first_failure(holds, frames):
    assert first_failure(torch.tensor(holds)).item() == frames


def test_every_trajectory_may_have_its_own_step():
    steps = torch.tensor([0.5, 1.0, 3.0])
    assert correlation_time(CORRELATION, threshold=0.8, dt=steps).time.tolist() == [1.0, 2 * 2.0, 0.0]
    assert averaged_correlation_time(CORRELATION, threshold=0.8, dt=steps).time.item() == pytest.approx(4 * 1.5)
