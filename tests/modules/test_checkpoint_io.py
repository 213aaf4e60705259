"""Checkpoint files are whole or absent, and never unpickle objects."""

import os
import pickle
import resource

import pytest
import torch

from neuralpde.modules import AtomicCheckpointIO


def test_round_trip_and_removal(tmp_path):
    path = tmp_path / "new" / "a.ckpt"
    io = AtomicCheckpointIO()
    io.save_checkpoint({"w": torch.arange(3.0), "n": 2}, path)
    assert torch.equal(io.load_checkpoint(path)["w"], torch.arange(3.0))
    assert [p.name for p in path.parent.iterdir()] == ["a.ckpt"]
    io.remove_checkpoint(path)
    assert not path.exists()


@pytest.mark.parametrize("moment", ["save", "fsync", "replace"])
def test_failure_at_any_moment_keeps_the_previous_file(tmp_path, monkeypatch, moment):
    path, io = tmp_path / "a.ckpt", AtomicCheckpointIO()
    io.save_checkpoint({"n": 1}, path)

    def fail(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*{"save": (torch, "save"), "fsync": (os, "fsync"), "replace": (os, "replace")}[moment], fail)
    with pytest.raises(OSError, match="No space left"):
        io.save_checkpoint({"n": 2}, path)
    monkeypatch.undo()
    assert io.load_checkpoint(path) == {"n": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["a.ckpt"]


@pytest.mark.parametrize("limit", [500, 100_000])  # the disk is full at the first and at a later write
def test_full_disk_is_one_sentence_and_keeps_the_previous_file(tmp_path, limit):
    path, io = tmp_path / "a.ckpt", AtomicCheckpointIO()
    io.save_checkpoint({"n": 1}, path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(OSError, match=r"checkpoint: could not write .*a\.ckpt \(.*\); the previous one is kept; make room"):
            io.save_checkpoint({"w": torch.zeros(100_000)}, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert io.load_checkpoint(path) == {"n": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["a.ckpt"]


def test_objects_are_refused_whatever_is_asked(tmp_path):
    class Evil:
        def __reduce__(self):
            return (os.system, ("touch " + str(tmp_path / "owned"),))

    torch.save({"x": Evil()}, tmp_path / "a.ckpt", pickle_module=pickle)
    with pytest.raises(ValueError, match=r"ckpt_path: expected a training checkpoint, got .*a\.ckpt"):
        AtomicCheckpointIO().load_checkpoint(tmp_path / "a.ckpt", weights_only=False)
    assert not (tmp_path / "owned").exists()


def test_truncated_file_is_refused(tmp_path):
    path, io = tmp_path / "a.ckpt", AtomicCheckpointIO()
    io.save_checkpoint({"w": torch.zeros(1000)}, path)
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(ValueError, match="cannot be read"):
        io.load_checkpoint(path)
