"""The evaluation program, from the command line to the files of a report."""

import json
import runpy
import shutil
import sys
from pathlib import Path

import h5py
import pytest
import safetensors.torch
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from omegaconf import OmegaConf

from neuralpde.data import from_recipe
from neuralpde.pretrained import Card, DataSource, Training, checkpoint, save_pretrained

ROOT = Path(__file__).parents[1]
QUICK = ("evaluation.repeats=1", "evaluation.classical.repeats=1", "evaluation.classical.resolutions=[16]")
SMALL = ("data.scenario.num_frames=10", "data.scenario.grid.shape=[32]", "data.sizes={train: 100000, valid: 4, test: 3}")
MODEL = {
    "_target_": "neuralpde.models.NeuralStepper",
    "backbone": {
        "_target_": "neuralpde.models.MessagePassing",
        "in_channels": 2,
        "out_channels": 3,
        "ndim": 1,
        "num_coefficients": 1,
        "hidden": 16,
        "num_layers": 1,
    },
    "channels": 1,
    "history": 2,
    "horizon": 3,
    "dt": 0.01,
    "time_scale": 0.1,
    "coefficient_scale": [0.02],
    "graph": {"_target_": "neuralpde.graphs.NearestNeighbours", "num_neighbours": 4},
}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Folder of generated data and of one checkpoint, trained for nothing on heat."""
    folder = tmp_path_factory.mktemp("evaluate")
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        config = compose("train", ["data=heat", *SMALL, f"data.root={folder}"])
    torch.manual_seed(0)
    card = Card("tiny", "Nothing learnt.", DataSource("heat"), Training(0, 0.0, "abacus", "none"))
    save_pretrained(folder / "tiny", from_recipe(MODEL), config={"model": MODEL, "data": OmegaConf.to_container(config.data)}, card=card)
    return folder


@pytest.fixture
def evaluate(root, tmp_path, monkeypatch):
    """Runs evaluate.py in this process, in an empty folder; returns the numbers of the report."""
    monkeypatch.chdir(tmp_path)

    def run(*overrides: str, quick: tuple[str, ...] = QUICK) -> dict:
        monkeypatch.setattr(sys, "argv", ["evaluate.py", f"checkpoint={root / 'tiny'}", *quick, *overrides])
        runpy.run_path(str(ROOT / "evaluate.py"), run_name="__main__")
        return json.loads(max(tmp_path.rglob("metrics.json"), key=lambda path: path.stat().st_mtime_ns).read_text())

    return run


def failure(evaluate, capsys, *overrides: str) -> str:
    with pytest.raises(SystemExit) as error:
        evaluate(*overrides)
    assert error.value.code == 1
    return capsys.readouterr().err


def test_checkpoint_is_scored_on_its_own_data(evaluate, root, tmp_path, capsys):
    found = evaluate(f"out={tmp_path / 'here'}")
    assert (found["model"], found["data"]) == ("tiny", "heat/test")
    assert found["settings"]["coefficients"] == ["diffusivity"]
    assert found["settings"]["first_predicted_frame"] == 4
    assert [m["kind"] for m in found["methods"]] == ["network", "classical", "baseline", "baseline", "baseline"]
    # Only the split that is scored was generated.
    assert [path.name for path in (root / "heat").glob("*.h5")] == ["test.h5"]
    assert (tmp_path / "here" / "report.html").stat().st_size > 10_000
    assert "accumulated_error: sum over predicted frames" in capsys.readouterr().out


def test_single_settings_of_the_data_are_changed(evaluate):
    found = evaluate("data.resolution=[16]", "data.keep_points=0.75", "evaluation.classical=null")
    assert found["settings"]["shape"] == [12]


def test_other_data_are_seen_with_the_coefficients_of_the_network(evaluate, root, capsys):
    other = ("data=burgers", *SMALL, f"data.root={root}", "data.scenario.solver.substeps=1")
    text = failure(evaluate, capsys, *other)
    assert "expected the coefficient 'diffusivity', found the coefficients" in text
    assert text.splitlines()[-1].startswith("Error: ") and "Traceback" not in text
    found = evaluate(*other, "+evaluation.coefficients={diffusivity: viscosity}")
    assert (found["data"], found["settings"]["coefficients"]) == ("burgers/test", ["diffusivity"])


def test_any_file_by_its_path(evaluate, root):
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        path = instantiate(compose("train", ["data=heat", *SMALL, f"data.root={root}", "data.name=elsewhere"]).data).generate("valid", workers=1)
    found = evaluate("data=file", f"data.path={path}", "evaluation.num_trajectories=2", "evaluation.classical=null")
    assert found["settings"]["num_trajectories"] == 2
    assert found["settings"]["coefficients"] == ["diffusivity"]


def test_uncertainty_by_the_same_program(evaluate, capsys):
    """The network draws no random numbers, so that only input noise can part its rollouts; its own checkpoint is no ensemble of any spread."""
    study = ("evaluation=uncertainty", "evaluation.sources.input_noise={_target_: neuralpde.evaluation.InputNoise, std: 0.01, num_samples: 3}")
    found = evaluate(*study, quick=())
    assert (found["format"], [source["name"] for source in found["sources"]]) == ("neuralpde.uncertainty", ["input_noise"])
    assert found["sources"][0]["num_samples"] == 3
    assert len(found["sources"][0]["true_time"]) == 3
    assert "seeds was left out: NeuralStepper draws no random numbers" in " ".join(capsys.readouterr().out.split())


def test_rivals_stand_in_the_same_table(evaluate, root):
    found = evaluate("evaluation.classical=null", f"evaluation.rivals=[{root / 'tiny'}]", "evaluation.num_frames=2")
    assert [m["name"] for m in found["methods"][:2]] == ["tiny", "tiny (2)"]
    assert found["methods"][0]["scores"] == found["methods"][1]["scores"]


def test_failures_are_one_sentence(evaluate, capsys):
    assert "no such file" in failure(evaluate, capsys, "data=file", "data.path=nowhere.h5")
    assert "change start or num_frames" in failure(evaluate, capsys, "evaluation.start=10")


def _sign(folder: Path, **changes) -> None:
    """Change entries of the configuration and make its checksums right again, so that the check that follows them is reached."""
    config = json.loads((folder / "config.json").read_text()) | changes
    config["sha256"]["weights"] = checkpoint.sha256((folder / "model.safetensors").read_bytes())
    config["sha256"]["config"] = checkpoint._digest(config)
    (folder / "config.json").write_text(json.dumps(config))


def _pickle_inside(folder: Path) -> None:
    torch.save({}, folder / "optimizer.pt")


def _changed_byte(folder: Path) -> None:
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "model.safetensors").write_bytes(data)


def _missing_key(folder: Path) -> None:
    weights = safetensors.torch.load_file(folder / "model.safetensors")
    weights.pop("backbone.encoder.0.bias")
    safetensors.torch.save_file(weights, folder / "model.safetensors")
    _sign(folder)


def _newer_version(folder: Path) -> None:
    _sign(folder, version=99, neuralpde_version="9.0")


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_pickle_inside, "got the pickle 'optimizer.pt', which is never unpickled"),
        (_changed_byte, "so bytes have changed"),
        (_missing_key, "needs the weight 'backbone.encoder.0.bias', got a file without it"),
        (_newer_version, "got 99, written by neuralpde 9.0; update neuralpde"),
    ],
)
def test_damaged_checkpoints_end_in_one_sentence(evaluate, root, tmp_path, capsys, damage, sentence):
    folder = shutil.copytree(root / "tiny", tmp_path / "damaged")
    damage(folder)
    last = failure(evaluate, capsys, f"checkpoint={folder}").splitlines()[-1]
    assert last.startswith("Error") and sentence in last


def test_damaged_and_foreign_files_end_in_one_sentence(evaluate, root, tmp_path, capsys):
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        path = instantiate(compose("train", ["data=heat", *SMALL, f"data.root={root}", "data.name=whole"]).data).generate("valid", workers=0)
    (tmp_path / "cut.h5").write_bytes(path.read_bytes()[:-200])
    with h5py.File(tmp_path / "foreign.h5", "w") as foreign:
        foreign["t0_fields/u"] = [0.0]
    for name, sentence in (("cut", "found a truncated file"), ("foreign", "The Well")):
        last = failure(evaluate, capsys, "data=file", f"data.path={tmp_path / name}.h5").splitlines()[-1]
        assert last.startswith("Error") and sentence in last


def test_data_of_two_channels_for_a_network_of_one(evaluate, root, capsys):
    waves = ("data=we1", "data.scenario.grid.shape=[32]", "data.scenario.num_frames=10", "data.scenario.dt=0.01", "data.sizes.test=2", f"data.root={root}")
    error = failure(evaluate, capsys, *waves, "data.resolution=null", "+evaluation.coefficients={diffusivity: speed}")
    assert "expected 2 frames of 1 channels, got 2 frames of 2; check the data config's fields" in error.splitlines()[-1]


def test_a_checkpoint_must_be_named(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    for arguments in ([], ["checkpoint=unknown_card"]):
        monkeypatch.setattr(sys, "argv", ["evaluate.py", *arguments])
        with pytest.raises(SystemExit) as error:
            runpy.run_path(str(ROOT / "evaluate.py"), run_name="__main__")
        assert error.value.code == 1
        assert capsys.readouterr().err.startswith("Error")
