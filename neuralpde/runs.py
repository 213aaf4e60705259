"""Folders of runs: where a run writes, and how a later command finds it again.

```
runs/<name>/<time stamp>/        .hydra/  train.log  checkpoints/{best,last}.ckpt  metrics.csv  pretrained/  report.html
sweeps/<name>/<time stamp>/<job>/   the same for every job of a sweep
```
A new command gets a new folder, whose stamp counts microseconds, so that two commands of the same second do not meet. With
``ckpt_path=last`` it gets the newest folder of the same name that holds a checkpoint, and goes on writing there; without such a folder
it starts a new one, so that one command serves for the first start and for every restart.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

__all__ = ["LAST_CHECKPOINT", "checkpoint_to_resume", "run_folder"]

LAST_CHECKPOINT = Path("checkpoints") / "last.ckpt"
"""Where a run keeps its state after the last finished epoch."""


def run_folder(root: str, ckpt_path: str | None = None) -> str:
    """Folder for a command: a new one below ``root``, or for ``ckpt_path='last'`` the newest that holds a checkpoint.

    Args:
        root: folder of all runs of one name.
        ckpt_path: what the command is to resume; any value other than ``'last'`` leads to a new folder.

    Limits: the newest is the last in the order of names, which are time stamps; renamed folders are sorted by their new names.
    """
    if ckpt_path == "last":
        resumable = sorted(folder for folder in Path(root).glob("*") if any(_checkpoints(folder)))
        if resumable:
            return str(resumable[-1])
    return str(Path(root) / datetime.now().strftime("%Y-%m-%d_%H-%M-%S-%f"))


def _checkpoints(folder: Path) -> list[Path]:
    """Checkpoints of a run, or of every job of a sweep."""
    return [*folder.glob(str(LAST_CHECKPOINT)), *folder.glob(str(Path("*") / LAST_CHECKPOINT))]


def checkpoint_to_resume(folder: Path, ckpt_path: str | None) -> str | None:
    """Checkpoint file that a run in ``folder`` continues, or None for a fresh start.

    Args:
        folder: the run's own folder.
        ckpt_path: None, ``'last'`` or a file.

    Raises:
        FileNotFoundError: a file was named that does not exist.
    """
    if ckpt_path is None:
        return None
    path = folder / LAST_CHECKPOINT if ckpt_path == "last" else Path(ckpt_path)
    if ckpt_path == "last" and not path.exists():
        return None
    if not path.is_file():
        raise FileNotFoundError(f"ckpt_path: expected 'last' or a checkpoint file, got {ckpt_path!r}, which does not exist; correct the path or leave it out.")
    return str(path)
