import runpy
import sys
from pathlib import Path

import pytest

from neuralpde.data import TrajectoryFile

SCRIPT = Path(__file__).parents[2] / "datasets" / "generate.py"


@pytest.fixture
def command(monkeypatch, tmp_path):
    """Runs the script with arguments in a folder of its own; returns the exit code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "140")

    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", [str(SCRIPT), *arguments])
        try:
            runpy.run_path(str(SCRIPT), run_name="__main__")
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    return run


TINY = [
    "data=heat",
    "data.scenario.grid.shape=[16]",
    "data.scenario.num_frames=3",
    "data.scenario.block_size=2",
    "data.sizes={train: 4, valid: 2, test: 2}",
    "workers=0",
]


def test_generates_all_splits_and_inspects_them(command, tmp_path, capsys):
    assert command(*TINY) == 0
    files = sorted((tmp_path / "datasets" / "heat").iterdir())
    assert [file.name for file in files] == ["test.h5", "train.h5", "valid.h5"]
    assert list(tmp_path.iterdir()) == [tmp_path / "datasets"]  # no log files, no output folders
    capsys.readouterr()
    assert command("inspect", *map(str, files)) == 0
    assert capsys.readouterr().out.count("neuralpde.equations.Heat") == 3


def test_shards_and_their_merge(command, tmp_path):
    assert command(*TINY, "splits=[train]", "shard=2/2") == 0
    assert not (tmp_path / "datasets" / "heat" / "train.h5").exists()
    assert command(*TINY, "splits=[train]", "shard=1/2") == 0
    merged = TrajectoryFile(tmp_path / "datasets" / "heat" / "train.h5").fingerprint()
    assert command(*TINY, "splits=[train]", "data.root=plain") == 0
    assert TrajectoryFile(tmp_path / "plain" / "heat" / "train.h5").fingerprint() == merged


def test_unsound_files(command, tmp_path, capsys):
    (tmp_path / "a.h5").write_text("no data")
    assert command("inspect", "a.h5") == 1
    assert "found no readable HDF5 file of 7 bytes" in " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert command("inspect") == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([*TINY, "shard=9"], "expected number/total such as 3/16, got '9'"),
        ([*TINY, "shard=1/9"], "9 shards need at least as many blocks, got 2"),
        ([*TINY, "data.scenario.dt=0.0"], "dt > 0"),
    ],
)
def test_errors_are_one_sentence(command, capsys, arguments, message):
    assert command(*arguments) == 1
    error = capsys.readouterr().err
    assert message in error and "Traceback" not in error and error.strip().splitlines()[-1].startswith("Error")


def test_an_existing_file_of_another_recipe(command, capsys):
    assert command(*TINY) == 0
    assert command(*TINY, "data.scenario.dt=0.5") == 1
    assert "expected recipe.dt 0.5, found recipe.dt 0.01; remove the file" in capsys.readouterr().err
