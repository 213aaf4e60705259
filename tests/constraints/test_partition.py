import pytest
import torch

from neuralpde.constraints import Partition


@pytest.mark.parametrize(("shape", "counts"), [((8,), (4,)), ((7, 10), (2, 3)), ((5, 6, 7), (1, 2, 3)), ((4, 4), (1, 1)), ((101, 33), (3, 4))])
def test_round_trip_is_exact(shape, counts):
    cut = Partition.uniform(shape, counts)
    field = torch.randn(2, 3, *shape)
    blocks = cut.split(field)
    assert blocks.shape[:3] == (2, 3, cut.num_blocks)
    assert torch.equal(cut.join(blocks), field)
    assert sorted(cut.cells[cut.valid].tolist()) == list(range(field[0, 0].numel())), "every point belongs to one block"


def test_blocks_are_contiguous_pieces():
    blocks = Partition.uniform((4, 6), (2, 3)).split(torch.arange(24).reshape(4, 6))
    assert blocks[1].tolist() == [2, 3, 8, 9]
    assert blocks[3].tolist() == [12, 13, 18, 19]


@pytest.mark.parametrize("periodic", [(False, False), (False, True)])
@pytest.mark.parametrize("overlap", [0, 1, 2])
def test_windows_are_a_partition_of_unity(overlap, periodic):
    cut = Partition.uniform((8, 16), (2, 4), overlap=overlap, periodic=periodic)
    windows = cut.windows()
    torch.testing.assert_close(windows.sum(0), torch.ones(8, 16, dtype=torch.float64), rtol=0, atol=1e-15)
    assert windows.min() >= 0
    if overlap == 0:
        assert torch.equal(windows.flatten(1).bool(), torch.zeros(8, 128, dtype=torch.bool).scatter(1, cut.cells, True))
    else:
        assert (windows[0, :4, 3 + overlap] > 0).all() and (windows[0, :, 4 + overlap] == 0).all(), "blocks reach as far as told and no further"
        assert (windows[0, :4, 15] > 0).all() == periodic[1], "a periodic axis overlaps across its seam"


def test_support_holds_every_point_with_weight():
    cut = Partition.uniform((3, 12), (1, 3), overlap=2)
    points, valid = cut.support()
    windows = cut.windows().flatten(1)
    for block in range(3):
        assert set(points[block][valid[block]].tolist()) == set(windows[block].nonzero().squeeze(1).tolist())


def test_balanced_blocks_hold_equal_shares():
    density = torch.linspace(0, 1, 40).square().expand(6, 40)
    cut = Partition.balanced(density, (1, 4))
    shares = [float(piece.sum() / density.sum()) for piece in cut._pieces(density)]
    assert max(shares) < 0.32 and min(shares) > 0.18
    assert torch.equal(cut.join(cut.split(density)), density)
    assert Partition.balanced(torch.zeros(4, 8).index_fill(1, torch.tensor([0]), 1.0), (1, 4)).num_blocks == 4, "never an empty block"


def test_bad_cuts_are_refused():
    with pytest.raises(ValueError, match="axis 0 of 4 points needs ascending edges"):
        Partition.uniform((4,), (5,))
    with pytest.raises(ValueError, match="overlap=3 needs blocks of at least 6"):
        Partition.uniform((16,), (4,), overlap=3)
