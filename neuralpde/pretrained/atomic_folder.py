"""A folder that is either the old one or the new one, never half of each."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path

__all__ = ["replace_folder"]


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write ``files`` into ``folder``, all of them or none.

    They go to a hidden folder beside it, each flushed to the disk, which is then renamed. If anything fails, the old folder stays.

    Args:
        folder: where to write; an older folder with the same files, or fewer, is replaced.
        files: content by file name.

    Raises:
        FileExistsError: the folder holds anything else, which would be lost.
        OSError: the disk is full or not writable.

    Limits: replacing needs two renames; a process killed between them leaves the new files in ``.<name>.<id>.new`` and the old ones in
    ``.<name>.<id>.old``, both complete.
    """
    if folder.exists() and (foreign := {entry.name for entry in folder.iterdir()} - files.keys()):
        raise FileExistsError(f"{folder}: expected a new folder or an older checkpoint, got one that also holds {sorted(foreign)[0]!r}; choose another folder.")
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    stem = f".{folder.name}.{uuid.uuid4().hex[:8]}"
    new, old = folder.with_name(f"{stem}.new"), folder.with_name(f"{stem}.old")
    try:
        new.mkdir()
        for name, data in files.items():
            _write(new / name, data)
        _flush(new)
        _swap(new, folder, old)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    _flush(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def _swap(new: Path, folder: Path, old: Path) -> None:
    if not folder.exists():
        new.rename(folder)
        return
    folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        old.rename(folder)
        raise


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    """Make the entries of a folder durable; some systems cannot open folders and need no flush."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
