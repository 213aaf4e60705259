from __future__ import annotations

import os
from pathlib import Path

import pytest

from neuralpde.pretrained import atomic_folder
from neuralpde.pretrained.atomic_folder import replace_folder

OLD, NEW = {"a": b"old", "b": b"old"}, {"a": b"new", "b": b"new"}


def content(folder: Path) -> dict[str, bytes]:
    return {entry.name: entry.read_bytes() for entry in folder.iterdir()}


def test_writes_into_a_new_folder_below_new_parents(tmp_path):
    replace_folder(tmp_path / "x" / "y", NEW)
    assert content(tmp_path / "x" / "y") == NEW
    assert os.listdir(tmp_path / "x") == ["y"]


def test_replaces_a_folder_completely(tmp_path):
    replace_folder(tmp_path / "x", OLD)
    replace_folder(tmp_path / "x", NEW)
    assert content(tmp_path / "x") == NEW
    assert os.listdir(tmp_path) == ["x"]


def test_disk_full_on_the_second_file_leaves_the_old_folder(tmp_path, monkeypatch):
    replace_folder(tmp_path / "x", OLD)

    def full(path, data):
        if path.name == "b":
            path.write_bytes(data[:1])
            raise OSError(28, "No space left on device")
        path.write_bytes(data)

    monkeypatch.setattr(atomic_folder, "_write", full)
    with pytest.raises(OSError, match="No space left on device"):
        replace_folder(tmp_path / "x", NEW)
    assert content(tmp_path / "x") == OLD
    assert os.listdir(tmp_path) == ["x"]


def test_failing_rename_puts_the_old_folder_back(tmp_path, monkeypatch):
    replace_folder(tmp_path / "x", OLD)
    rename = Path.rename

    def fails(path, target):
        if path.suffix == ".new":
            raise OSError(5, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(OSError, match="Input/output error"):
        replace_folder(tmp_path / "x", NEW)
    assert content(tmp_path / "x") == OLD
    assert os.listdir(tmp_path) == ["x"]


def test_interruption_leaves_the_old_folder(tmp_path, monkeypatch):
    replace_folder(tmp_path / "x", OLD)

    def interrupted(path, data):
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic_folder, "_write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        replace_folder(tmp_path / "x", NEW)
    assert content(tmp_path / "x") == OLD
    assert os.listdir(tmp_path) == ["x"]


def test_refuses_a_folder_with_other_files(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(FileExistsError, match=r"expected a new folder or an older checkpoint, got one that also holds 'thesis.tex'; choose another folder"):
        replace_folder(tmp_path, NEW)
    assert content(tmp_path) == {"thesis.tex": b"precious"}


def test_every_file_is_flushed_before_the_rename(tmp_path, monkeypatch):
    events = []
    fsync, rename = os.fsync, Path.rename
    monkeypatch.setattr(os, "fsync", lambda descriptor: (events.append("flush"), fsync(descriptor))[1])
    monkeypatch.setattr(Path, "rename", lambda path, target: (events.append("rename"), rename(path, target))[1])
    replace_folder(tmp_path / "x", NEW)
    assert events == ["flush", "flush", "flush", "rename", "flush"]
