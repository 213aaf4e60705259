"""Checkpoint files that are either whole or not there, and that are read without unpickling objects."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.plugins import CheckpointIO

__all__ = ["AtomicCheckpointIO"]


class AtomicCheckpointIO(CheckpointIO):
    """Writes beside the target, flushes to the disk and renames; a kill or a full disk at any moment leaves the previous file intact.

    Raises:
        OSError: on writing, if the disk is full or refuses; the previous file is still there.
        ValueError: on reading a file that holds more than tensors and plain containers, or that is damaged.

    Limits: local file systems only; a killed process may leave a ``.*.partial`` file behind, which the next save replaces. One writer per path.
    """

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | os.PathLike[str], storage_options: Any = None) -> None:
        """Write ``checkpoint`` to ``path``."""
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.partial")
        try:
            with temporary.open("wb") as file:
                torch.save(checkpoint, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except (OSError, RuntimeError) as error:
            cause = _refusal(error)
            if cause is None:
                raise
            kept = "the previous one is kept" if target.exists() else "none was written yet"
            raise OSError(
                cause.errno,
                f"checkpoint: could not write {target} ({cause.strerror or cause}); {kept}; make room, then continue with ckpt_path=last",
            ) from error
        finally:
            temporary.unlink(missing_ok=True)

    def load_checkpoint(self, path: str | os.PathLike[str], map_location: Any = "cpu", weights_only: bool | None = None) -> dict[str, Any]:
        """Read ``path``; whatever ``weights_only`` says, objects are never unpickled."""
        try:
            return torch.load(path, map_location=map_location, weights_only=True)
        except FileNotFoundError:
            raise
        except Exception as error:  # torch reports damage by many types: RuntimeError, UnpicklingError, EOFError, KeyError
            reason = str(error).split("\n", 1)[0]
            raise ValueError(
                f"ckpt_path: expected a training checkpoint, got {os.fspath(path)!r}, which cannot be read ({reason}); use another checkpoint."
            ) from error

    def remove_checkpoint(self, path: str | os.PathLike[str]) -> None:
        """Delete ``path`` if it exists."""
        Path(path).unlink(missing_ok=True)


def _refusal(error: BaseException) -> OSError | None:
    """The system's own error in the chain of ``error``; on a full disk torch fails once more while it closes its archive, with a RuntimeError."""
    link: BaseException | None = error
    while link is not None and not isinstance(link, OSError):
        link = link.__cause__ or link.__context__
    return link
