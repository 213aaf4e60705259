import pytest
import torch
from torch.utils.data import DistributedSampler, TensorDataset

from neuralpde.data.sampling import Pick, TrajectoryBatches, WindowBatches

DATASET = TensorDataset(torch.zeros(10))


def windows(**options):
    return WindowBatches(DATASET, 10, **{"num_starts": 7, "batch_size": 4, "passes": 3, "seed": 5, **options})


def flat(batches) -> Pick:
    batches = list(batches)
    return Pick(torch.cat([b.positions for b in batches]), torch.cat([b.starts for b in batches]))


def test_each_pass_visits_every_trajectory_once():
    sampler = windows()
    picks = flat(sampler)
    assert len(sampler) == len(list(sampler)) == 8 and len(picks.positions) == 30
    for part in picks.positions.split(10):
        assert torch.equal(part.sort().values, torch.arange(10))
    assert not torch.equal(picks.positions[:10], picks.positions[10:20])


def test_a_pure_function_of_seed_and_epoch():
    sampler = windows()
    sampler.set_epoch(4)
    resumed = windows()
    resumed.set_epoch(4)
    for ours, theirs in zip(sampler, resumed, strict=True):
        assert torch.equal(ours.positions, theirs.positions) and torch.equal(ours.starts, theirs.starts)
    fourth = flat(sampler)
    sampler.set_epoch(5)
    assert not torch.equal(flat(sampler).starts, fourth.starts)
    assert not torch.equal(flat(windows(seed=6)).starts, flat(windows()).starts)


def test_starts_are_uniform_over_the_valid_range():
    starts = flat(windows(passes=2000)).starts
    counts = torch.bincount(starts, minlength=7)
    assert len(counts) == 7
    expected, deviation = 20000 / 7, (20000 * 6 / 49) ** 0.5
    assert (counts - expected).abs().max() < 4 * deviation


def test_ranks_share_the_epoch():
    whole = flat(windows())
    parts = [list(windows(rank=rank, world_size=2)) for rank in range(2)]
    assert [len(part) for part in parts] == [4, 4]
    together = flat(batch for pair in zip(*parts, strict=True) for batch in pair)
    assert torch.equal(together.positions, whole.positions)
    uneven = [list(windows(rank=rank, world_size=3)) for rank in range(3)]
    assert [len(part) for part in uneven] == [3, 3, 3]  # the ninth batch repeats the first
    assert torch.equal(uneven[2][2].positions, uneven[0][0].positions)


def test_lightning_takes_it_for_distributed():
    assert isinstance(windows(), DistributedSampler) and callable(windows().set_epoch)


def test_trajectories_in_order():
    batches = list(TrajectoryBatches(DATASET, 10, batch_size=4))
    assert [b.positions.tolist() for b in batches] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_windows_longer_than_trajectories():
    with pytest.raises(ValueError, match="a window needs to fit into a trajectory, got one that is 3 frames longer; lower history or future"):
        windows(num_starts=-2)
