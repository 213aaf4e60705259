"""The training program, from the command line to the files of a run."""

import csv
import json
import os
import resource
import runpy
import signal
import subprocess
import sys
from pathlib import Path

import h5py
import pytest
import torch

ROOT = Path(__file__).parents[1]
TINY = (
    "data=heat",
    "data.name=tiny",
    "data.scenario.num_frames=16",
    "data.scenario.grid.shape=[32]",
    "data.sizes={train: 16, valid: 4, test: 4}",
    "data.resolution=null",
    "data.batch_size=4",
    "data.windows_per_trajectory=1",
    "model=fno",
    "model.num_modes=4",
    "model.width=4",
    "model.num_layers=1",
    "stepper.history=2",
    "stepper.horizon=2",
    "trainer.accelerator=cpu",
    "trainer.max_epochs=3",
    "trainer.log_every_n_steps=1",
    "~callbacks.progress",
    "+trainer.enable_progress_bar=false",
)


@pytest.fixture(scope="module")
def data_root(tmp_path_factory):
    """Folder in which the tiny data set is generated once."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def train(data_root, tmp_path, monkeypatch):
    """Runs train.py in this process, in an empty folder; returns the newest run folder."""
    monkeypatch.chdir(tmp_path)

    def run(*overrides: str) -> Path:
        flags = [override for override in overrides if override.startswith("-")]
        rest = [override for override in overrides if not override.startswith("-")]
        monkeypatch.setattr(sys, "argv", ["train.py", *flags, *TINY, f"data.root={data_root}", *rest])
        runpy.run_path(str(ROOT / "train.py"), run_name="__main__")
        return sorted(tmp_path.glob("runs/*/*"))[-1]

    return run


def _weights(folder: Path) -> dict[str, torch.Tensor]:
    state = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)
    return {**state["state_dict"], **{f"raw {name}": weight for name, weight in state["raw_weights"].items()}}


def _losses(folder: Path) -> list[tuple[str, str]]:
    with (folder / "metrics.csv").open(newline="") as file:
        return [(row["step"], row["train/loss"]) for row in csv.DictReader(file)]


def test_run_leaves_scores_report_and_a_network_that_scores_the_same(train):
    folder = train("evaluation.repeats=1")
    files = {str(path.relative_to(folder)) for path in folder.rglob("*")}
    assert {"checkpoints/best.ckpt", "checkpoints/last.ckpt", "metrics.csv", "metrics.json", "report.html", "pretrained/model.safetensors"} <= files
    card = json.loads((folder / "pretrained" / "card.json").read_text())
    scores = json.loads((folder / "metrics.json").read_text())["methods"][0]["scores"]
    assert {score["metric"]: score["value"] for score in card["scores"]}["accumulated_error"] == scores["accumulated_error"]["mean"]
    assert card["training"]["steps"] == 12 and card["training"]["seconds"] > 0 and set(card["trained_on"]["fingerprints"]) == {"train", "valid", "test"}


def test_killed_training_continues_as_if_nothing_had_happened(train, data_root, tmp_path):
    straight = train("evaluate=false", "name=straight")

    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(ROOT / "train.py"), *TINY, f"data.root={data_root}", "evaluate=false", "name=killed", "ckpt_path=last"]
    killed = subprocess.run(
        [*command, "+callbacks.kill={_target_: kill_callback.KillAt, step: 7}"], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    resumed = train("evaluate=false", "name=killed", "ckpt_path=last")
    assert len(list(resumed.parent.iterdir())) == 1  # it goes on in the same folder
    ours, theirs = _weights(straight), _weights(resumed)
    assert ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert _losses(straight) == _losses(resumed)


@pytest.fixture
def file_sizes():
    """Lifts whatever limit a test sets."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_full_disk_and_nan_end_in_one_sentence_and_nothing_is_lost(train, tmp_path, capsys, file_sizes):
    straight = _weights(train("evaluate=false", "name=straight"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for name, sentence in (("FullDiskAt", "checkpoint: could not write"), ("NanAt", "NanGuard: expected a finite loss and gradient, got")):
        with pytest.raises(SystemExit) as stop:
            train("evaluate=false", f"name={name}", f"+callbacks.fault={{_target_: kill_callback.{name}, step: 7}}")
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert stop.value.code == 1
        error = capsys.readouterr().err
        assert sentence in error.splitlines()[-1] and "Traceback" not in error
        resumed = _weights(train("evaluate=false", f"name={name}", "ckpt_path=last"))
        assert len(list((tmp_path / "runs" / name).iterdir())) == 1
        assert straight.keys() == resumed.keys() and all(torch.equal(straight[key], resumed[key]) for key in straight)


def test_damaged_and_foreign_data_are_refused_and_left_alone(train, data_root, tmp_path, capsys):
    train("evaluate=false", "trainer.max_epochs=1")
    whole = (data_root / "tiny" / "train.h5").read_bytes()
    (tmp_path / "bad" / "tiny").mkdir(parents=True)
    path = tmp_path / "bad" / "tiny" / "train.h5"

    def refusal() -> str:
        with pytest.raises(SystemExit) as stop:
            train("evaluate=false", f"data.root={tmp_path / 'bad'}")
        assert stop.value.code == 1
        return capsys.readouterr().err.splitlines()[-1]

    path.write_bytes(whole[:-200])
    error = refusal()
    assert error.startswith("Error") and "found a truncated file" in error and path.read_bytes() == whole[:-200]
    with h5py.File(path, "w") as foreign:
        foreign["t0_fields/u"] = [0.0]
    error = refusal()
    assert error.startswith("Error") and "The Well" in error


def test_finished_run_is_continued_with_more_epochs_and_refused_with_another_network(train, capsys):
    folder = train("evaluate=false", "trainer.max_epochs=1")
    assert train("evaluate=false", "trainer.max_epochs=2", "ckpt_path=last") == folder
    assert [step for step, loss in _losses(folder) if loss] == [str(step) for step in range(8)]
    with pytest.raises(SystemExit) as stop:
        train("ckpt_path=last", "model.width=8")
    assert stop.value.code == 1
    error = capsys.readouterr().err
    assert (
        error.splitlines()[-1]
        == "Error: ckpt_path: the run asks for model.backbone.width=8, the checkpoint was trained with 4; give the same options or start a new run."
    )
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("optimizer.learning_rate=1", "Key 'learning_rate' is not in struct"),
        ("trainer.precision=bf16-mixed", "Error: trainer.precision: a model with Fourier transforms needs float32 or float64 on a CPU, got 'bf16-mixed'"),
        ("data.fields=[vorticity]", "expected the fields ['vorticity']"),
        ("ckpt_path=nowhere.ckpt", "Error: ckpt_path: expected 'last' or a checkpoint file, got 'nowhere.ckpt'"),
        ("stepper.history=9", "Error: stepper: history=9 needs trajectories of more than 18 frames, got 16"),
        ("model.num_modes=20", "num_modes=20 needs at least 40 points per axis, got 32"),
    ],
)
def test_mistakes_end_in_one_sentence(train, capsys, override, sentence):
    with pytest.raises(SystemExit) as stop:
        train("evaluate=false", "trainer.max_epochs=1", override)
    assert stop.value.code == 1
    error = capsys.readouterr().err
    assert sentence in error and "Traceback" not in error


def test_ddp_in_a_sweep_is_refused(train, capsys):
    with pytest.raises(SystemExit) as stop:
        train("-m", "seed=0,1", "trainer=ddp")
    assert stop.value.code == 1
    assert "use ddp_spawn" in capsys.readouterr().err


def test_other_strategies_and_loggers_train(train):
    for objective, logger in (("one_step", "none"), ("unrolled", "tensorboard")):
        folder = train("evaluate=false", "trainer.max_epochs=1", f"objective={objective}", f"logger={logger}")
        assert (folder / "pretrained" / "config.json").exists()


@pytest.mark.slow
def test_two_processes_train_one_network(data_root, tmp_path):
    """``trainer=ddp`` on two gloo processes, from the command line to a network that loads."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    overrides = [*TINY, f"data.root={data_root}", "trainer=ddp", "evaluation.repeats=1", "evaluation.classical=null"]
    done = subprocess.run([sys.executable, str(ROOT / "train.py"), *overrides], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=290)
    assert done.returncode == 0, done.stderr
    (folder,) = tmp_path.glob("runs/*/*")  # both processes write into one folder
    # Four batches of four windows, shared out over two processes: two steps an epoch.
    assert json.loads((folder / "pretrained" / "card.json").read_text())["training"]["steps"] == 6
    assert (folder / "report.html").exists() and [step for step, loss in _losses(folder) if loss] == [str(step) for step in range(6)]
