from pathlib import Path

import pytest

from neuralpde.data import Shard


@pytest.mark.parametrize(("total", "blocks"), [(1, 1), (3, 10), (16, 32), (7, 7), (5, 12)])
def test_shards_cover_all_blocks_in_order(total, blocks):
    parts = [Shard(number, total).blocks(blocks) for number in range(1, total + 1)]
    assert [block for part in parts for block in part] == list(range(blocks))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_names(tmp_path):
    path = Path("a/train.h5")
    assert Shard.parse("3/16").path(path) == Path("a/train.shard-03-of-16.h5")
    assert Shard().path(path) == path
    for number in (2, 1):
        assert Shard.complete(tmp_path / "train.h5") == []
        Shard(number, 2).path(tmp_path / "train.h5").touch()
    assert [file.name for file in Shard.complete(tmp_path / "train.h5")] == ["train.shard-01-of-02.h5", "train.shard-02-of-02.h5"]
    assert Shard.complete(tmp_path / "test.h5") == []


def test_shards_of_twelve_are_found(tmp_path):
    for number in range(1, 13):
        Shard(number, 12).path(tmp_path / "train.h5").touch()
    assert len(Shard.complete(tmp_path / "train.h5")) == 12


@pytest.mark.parametrize("text", ["0/4", "5/4", "3", "a/b", "1/0"])
def test_bad_shards(text):
    with pytest.raises(ValueError, match="Shard: expected"):
        Shard.parse(text)


def test_more_shards_than_blocks():
    with pytest.raises(ValueError, match="8 shards need at least as many blocks, got 3; use fewer shards"):
        Shard(1, 8).blocks(3)
