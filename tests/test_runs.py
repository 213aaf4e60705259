"""Folders of runs."""

from pathlib import Path

import pytest

from neuralpde.runs import LAST_CHECKPOINT, checkpoint_to_resume, run_folder


def _with_checkpoint(folder: Path) -> Path:
    (folder / LAST_CHECKPOINT).parent.mkdir(parents=True)
    (folder / LAST_CHECKPOINT).touch()
    return folder


def test_two_commands_of_the_same_second_do_not_meet(tmp_path):
    folders = {run_folder(str(tmp_path)) for _ in range(50)}
    assert len(folders) == 50 and all(Path(folder).parent == tmp_path for folder in folders)


def test_last_is_the_newest_run_with_a_checkpoint(tmp_path):
    _with_checkpoint(tmp_path / "2026-01-01_00-00-00-000000")
    newest = _with_checkpoint(tmp_path / "2026-01-02_00-00-00-000000")
    (tmp_path / "2026-01-03_00-00-00-000000" / "checkpoints").mkdir(parents=True)  # stopped before its first checkpoint
    assert run_folder(str(tmp_path), "last") == str(newest)
    assert run_folder(str(tmp_path), None) != str(newest)
    assert run_folder(str(tmp_path), str(newest / LAST_CHECKPOINT)) != str(newest)


def test_last_finds_a_sweep_by_the_checkpoints_of_its_jobs(tmp_path):
    sweep = tmp_path / "2026-01-01_00-00-00-000000"
    _with_checkpoint(sweep / "1")
    assert run_folder(str(tmp_path), "last") == str(sweep)


def test_last_starts_a_new_run_if_there_is_none(tmp_path):
    folder = Path(run_folder(str(tmp_path / "none"), "last"))
    assert not folder.exists() and checkpoint_to_resume(folder, "last") is None


def test_checkpoint_of_a_run(tmp_path):
    folder = _with_checkpoint(tmp_path / "run")
    file = folder / LAST_CHECKPOINT
    assert checkpoint_to_resume(folder, None) is None
    assert checkpoint_to_resume(folder, "last") == str(file)
    assert checkpoint_to_resume(tmp_path / "other", str(file)) == str(file)
    with pytest.raises(FileNotFoundError, match=r"ckpt_path: expected 'last' or a checkpoint file, got 'lost\.ckpt', which does not exist"):
        checkpoint_to_resume(folder, "lost.ckpt")
