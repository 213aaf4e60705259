"""How programs fail."""

import runpy
import sys

import pytest
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import OmegaConf

from neuralpde.entry import sentence

PROGRAM = """
from hydra.utils import instantiate
from neuralpde.entry import entry_point

@entry_point("conf", "config")
def main(config):
    if config.kind == "value":
        raise ValueError("Grid: axis 0 needs at least 2 points, got 1; refine\\nthe grid.")
    if config.kind == "bug":
        raise KeyError("a mistake of ours")
    if config.kind == "config":
        instantiate(config.graph)
    print("done", config.kind)

if __name__ == "__main__":
    main()
"""
CONFIG = """
kind: fine
debug: false
graph: {_target_: neuralpde.graphs.PeriodicNeighbours, reach: 0}
hydra: {run: {dir: '${run_folder:runs,null}'}, sweep: {dir: sweeps, subdir: '${hydra:job.num}'}}
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Runs a small program with arguments."""
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "config.yaml").write_text(CONFIG)
    (tmp_path / "program.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["program.py", *arguments])
        runpy.run_path(str(tmp_path / "program.py"), run_name="__main__")

    return run


def test_fine(program, capsys, tmp_path):
    program()
    assert capsys.readouterr().out == "done fine\n"
    assert len(list((tmp_path / "runs").iterdir())) == 1


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("value", "Error: Grid: axis 0 needs at least 2 points, got 1; refine the grid.\n"),
        ("config", "Error in config 'graph': PeriodicNeighbours: reach needs to be at least 1, got 0; give the number of cells to each side.\n"),
    ],
)
def test_expected_error_is_one_sentence(program, capsys, kind, expected):
    with pytest.raises(SystemExit) as stop:
        program(f"kind={kind}")
    assert stop.value.code == 1
    assert capsys.readouterr().err == expected


@pytest.mark.parametrize("arguments", [("kind=value", "debug=true"), ("kind=bug",)])
def test_traceback_on_request_and_for_our_own_mistakes(program, capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        program(*arguments)
    assert stop.value.code == 1 and "Traceback" in capsys.readouterr().err


def test_traceback_by_environment(program, monkeypatch):
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    with pytest.raises(ValueError, match="refine"):
        program("kind=value")


def test_unknown_key(program, capsys):
    with pytest.raises(SystemExit) as stop:
        program("kin=value")
    assert stop.value.code == 1 and "Key 'kin' is not in struct" in capsys.readouterr().err


def test_failed_job_of_a_sweep_lets_the_others_run(program, capsys):
    with pytest.raises(SystemExit) as stop:
        program("-m", "kind=value,fine")
    assert stop.value.code == 1 and "done fine" in capsys.readouterr().out


def test_sentence_names_the_config_key():
    with pytest.raises(InstantiationException) as error:
        instantiate({"graph": {"_target_": "neuralpde.graphs.PeriodicNeighbours", "reach": 0}})
    assert sentence(error.value) == "Error in config 'graph': PeriodicNeighbours: reach needs to be at least 1, got 0; give the number of cells to each side."
    with pytest.raises(InstantiationException) as error:
        instantiate({"graph": {"_target_": "neuralpde.graphs.PeriodicNeighbours", "rech": 0}})
    assert sentence(error.value).startswith("Error in config 'graph': TypeError: ") and sentence(error.value).endswith("(debug=true shows where)")
    assert sentence(ValueError("a\n  b")) == "Error: a b" and sentence(OSError()) == "Error: OSError"


@pytest.mark.parametrize(
    ("config", "place"),
    [
        ({"model": {"_target_": "neuralpde.models.FNO"}, "data": {"grid": {"_target_": "neuralpde.grids.Grid"}}}, "model"),
        ({"model": {"backbone": {"_target_": "neuralpde.models.FNO"}}}, "model.backbone"),
        ({"backbone": {"_target_": "neuralpde.models.UNet"}, "model": {"_target_": "neuralpde.models.FNO"}}, "backbone"),
        ({"model": {"_target_": "neuralpde.models.FNO"}, "other": {"_target_": "neuralpde.models.FNO"}}, "backbone"),
        ({"model": {"_target_": "neuralpde.models.UNet"}}, "backbone"),
    ],
)
def test_sentence_names_the_key_of_the_user(config, place):
    """What is instantiated is put together from parts of the config, here the model as backbone of a stepper."""
    recipe = {"backbone": {"_target_": "neuralpde.models.FNO", "in_channels": 1, "out_channels": 1, "ndim": 1, "num_coefficients": 0, "wdth": 3}}
    with pytest.raises(InstantiationException) as error:
        instantiate(recipe)
    assert sentence(error.value, OmegaConf.create(config)).startswith(f"Error in config '{place}': TypeError: FNO")
