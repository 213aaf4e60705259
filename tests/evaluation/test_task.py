import pytest
import torch
from noisy_forecasts import DT, Shifting, waves

from neuralpde.evaluation import Task

RATES = torch.tensor([0.1, 0.2, 0.4, 0.8, 0.0])


def task(model=None, **options):
    chosen = {"start": 3, "num_frames": 4, "batch_size": 2, **options}
    steps = chosen.pop("steps", None)
    return Task.build(model or Shifting(), waves(RATES, truth=RATES, num_frames=10, steps=steps), **chosen)


def test_batches_cover_every_trajectory_once():
    parts = list(task().parts())
    assert [torch.arange(5)[part].tolist() for part in parts] == [[0, 1], [2, 3], [4]]


def test_given_and_reference_frames_are_neighbours():
    found = task()
    part = slice(1, 3)
    torch.testing.assert_close(found.given(part), found.data.frames[part, :3])
    torch.testing.assert_close(found.reference(part), found.data.frames[part, 3:7])
    assert found.time == pytest.approx(2 * DT)
    assert found.times == pytest.approx([DT * k for k in (3, 4, 5, 6)])
    assert found.elapsed == pytest.approx([DT * k for k in (1, 2, 3, 4)])


def test_an_exact_model_meets_the_reference_from_any_start():
    found = task()
    pair = found.compare(found.bound(slice(0, 5)), slice(0, 5))
    torch.testing.assert_close(pair.pred, pair.ref, atol=1e-5, rtol=0)
    torch.testing.assert_close(pair.start[:, 0], found.data.frames[:, 2].double())
    # From another start the prediction is another one.
    moved = found.predict(found.bound(slice(0, 5)), slice(0, 5), given=found.given(slice(0, 5)).roll(4, dims=-1))
    torch.testing.assert_close(moved.double(), pair.pred.roll(4, dims=-1), atol=1e-5, rtol=0)


def test_times_are_in_the_mean_of_the_own_steps():
    steps = torch.tensor([0.4, 0.5, 0.6, 0.7, 0.8])
    found = task(steps=steps)
    assert found.times == pytest.approx([0.6 * k for k in (3, 4, 5, 6)])
    assert found.elapsed == pytest.approx([0.6 * k for k in (1, 2, 3, 4)])
    torch.testing.assert_close(found.compare(found.bound(slice(1, 3)), slice(1, 3)).seconds, steps[1:3].double())


def test_defaults_are_twice_the_history_and_the_end_of_the_data():
    found = task(start=None, num_frames=None, batch_size=100)
    assert (found.first, found.num_frames, found.batch_size) == (2, 8, 5)


@pytest.mark.parametrize("options", [{"start": 0}, {"start": 10}, {"num_frames": 8}])
def test_frames_that_do_not_exist_are_refused(options):
    with pytest.raises(ValueError, match="got 10 in waves; change start or num_frames"):
        task(**options)


def test_another_step_is_refused():
    model = Shifting()
    model.dt = 0.25
    with pytest.raises(ValueError, match=r"the model steps by dt=0\.25, got data with dt=0\.5"):
        task(model)
