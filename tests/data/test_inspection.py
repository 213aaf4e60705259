import io
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from rich.console import Console

from neuralpde.data import TrajectoryDataModule, inspect_file

CONF = Path(__file__).parents[2] / "conf"


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A file of a scenario that can be rebuilt: heat, shrunk."""
    root = tmp_path_factory.mktemp("inspect")
    overrides = ["data=heat", f"data.root={root}", "data.sizes={train: 6}", "data.scenario.block_size=4", "data.scenario.num_frames=3"]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        module: TrajectoryDataModule = instantiate(compose("generate", overrides=[*overrides, "data.scenario.grid.shape=[16]"]).data)
    return module.generate("train", workers=0)


@pytest.fixture
def copy(sound, tmp_path):
    return shutil.copy(sound, tmp_path / "train.h5")


def test_a_sound_file(sound):
    report = inspect_file(sound)
    assert report.sound, report.problems
    assert report.facts["equation"] == "neuralpde.equations.Heat" and report.facts["valid"] == "6 of 6"
    assert report.facts["grid"] == "16 uniform nodes on [0, 1)" and report.facts["frames"] == "3, dt 0.01, t from 0 to 0.02"
    assert report.facts["split"] == "train, seed 0, from index 0" and "ExponentialRungeKutta" in report.facts["solver"]
    low, high = map(float, report.facts["field u"].split(" to "))
    with h5py.File(sound) as file:
        np.testing.assert_allclose([low, high], [file["fields/u"][()].min(), file["fields/u"][()].max()], rtol=1e-5)
    assert len(report.facts["fingerprint"]) == 64
    console = Console(width=140, record=True, file=io.StringIO())
    console.print(report.table())
    text = console.export_text()
    assert "yes" in text and report.facts["fingerprint"] in text


def edited(copy, name, index, value):
    with h5py.File(copy, "r+") as file:
        file[name][index] = value
    return inspect_file(copy)


def test_values_that_are_not_finite(copy):
    report = edited(copy, "fields/u", (2, 1, 3), np.nan)
    assert not report.sound and "expected finite values of u, found 1 trajectories with others" in report.problems[0]


def test_the_same_values_are_allowed_where_declared_invalid(copy):
    edited(copy, "fields/u", (2, 1, 3), np.nan)
    report = edited(copy, "valid", 2, False)
    assert report.sound and report.facts["valid"] == "5 of 6, diverged: 2"


def test_nothing_valid(copy):
    report = edited(copy, "valid", slice(None), False)
    assert "expected at least one valid trajectory, found none" in report.problems[0]


def test_constant_field(copy):
    assert "expected u to vary, found 0 everywhere" in edited(copy, "fields/u", ..., 0.0).problems[0]


def test_coefficients_that_are_not_those_of_the_recipe(copy):
    assert "expected the coefficient diffusivity of its recipe and seed, found another value" in edited(copy, "coefficients/diffusivity", 0, 1.0).problems[0]
    assert "expected finite coefficients diffusivity" in edited(copy, "coefficients/diffusivity", 3, np.inf).problems[0]


def test_truncated_and_foreign(copy, tmp_path):
    copy.write_bytes(copy.read_bytes()[:-200])
    assert "found a truncated file" in inspect_file(copy).problems[0]
    assert "found no such file" in inspect_file(tmp_path / "none.h5").problems[0]


def test_a_recipe_that_cannot_be_rebuilt(copy):
    with h5py.File(copy, "r+") as file:
        file.attrs["recipe"] = file.attrs["recipe"].replace("Heat", "Cold")
    report = inspect_file(copy)
    assert not report.sound and any("a recipe that can be rebuilt" in problem for problem in report.problems)
