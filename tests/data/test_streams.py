import pytest
import torch

from neuralpde.data.streams import SPLITS, _scramble, stream


def draw(*arguments):
    return torch.rand(4, generator=stream(*arguments), dtype=torch.float64)


def test_each_argument_matters_and_nothing_else():
    reference = draw(0, "train", 3, "beta")
    assert torch.equal(reference, draw(0, "train", 3, "beta"))
    for other in [(1, "train", 3, "beta"), (0, "test", 3, "beta"), (0, "train", 4, "beta"), (0, "train", 3, "alpha")]:
        assert not torch.equal(reference, draw(*other))


def test_no_two_trajectories_share_a_stream():
    seeds = {stream(7, split, index, "forcing").initial_seed() for split in SPLITS for index in range(5000)}
    assert len(seeds) == 15000
    assert max(seeds) < 2**32  # what the generator of torch makes use of


def test_scramble_is_a_bijection_on_a_sample():
    values = torch.randint(2**32, (20000,), generator=torch.Generator().manual_seed(0)).unique().tolist()
    assert len({_scramble(value) for value in values}) == len(values)


def test_neighbours_are_uncorrelated():
    first = torch.stack([draw(0, "train", index, "x")[0] for index in range(4000)]) - 0.5
    standard_error = 1 / 4000**0.5
    assert abs(first.mean()) < 4 * standard_error * (1 / 12) ** 0.5
    assert abs((first[1:] * first[:-1]).mean() * 12) < 4 * standard_error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0, "dev", 0, "x"), "expected a split"), ((0, "train", -1, "x"), "expected an index"), ((0, "train", 2**30, "x"), "expected an index")],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        stream(*arguments)
