import json
import pickle
import shutil

import h5py
import pytest
from tiny_scenarios import decay

from neuralpde.data import DataFileError, Header, TrajectoryFile, generate
from neuralpde.grids import Grid


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return generate(decay(), tmp_path_factory.mktemp("schema") / "train.h5", size=5, workers=0)


@pytest.fixture
def copy(sound, tmp_path):
    return shutil.copy(sound, tmp_path / "train.h5")


def test_header_round_trip(sound):
    expected = Header.of(decay(), seed=0, split="train", num_trajectories=5)
    with h5py.File(sound) as file:
        found = Header.read(file)
        assert json.loads(file.attrs["boundary_conditions"]) == {"x": ["periodic", "periodic"]}
        assert file.attrs["format"] == "neuralpde.trajectories" and file.attrs["version"] == 1
    for name in ("recipe", "equation", "fields", "grid", "dt", "t0", "num_frames", "seed", "split", "num_trajectories", "first", "code"):
        assert getattr(found, name) == getattr(expected, name), name
    assert found.grid == Grid((20,), 0.0, 16.0) and found.equation == "neuralpde.equations.Combined"
    assert found.shape() == (5, 12, 20)


def check(path, message):
    with pytest.raises(DataFileError, match=message) as caught:
        TrajectoryFile(path)
    assert str(caught.value).startswith(f"{path}: expected ")


def test_no_file(tmp_path):
    check(tmp_path / "none.h5", "found no such file; make it with datasets/generate.py")


def test_truncated(copy):
    content = copy.read_bytes()
    copy.write_bytes(content[: len(content) // 2])
    check(copy, "expected a complete HDF5 file, found a truncated file of [0-9]+ bytes; delete it and generate it again")


def test_no_hdf5(copy):
    copy.write_text("hello")
    check(copy, "found no readable HDF5 file of 5 bytes")


def test_foreign(tmp_path):
    with h5py.File(tmp_path / "1D_Burgers.hdf5", "w") as file:
        file["tensor"], file["x-coordinate"] = [[0.0]], [0.0]
    check(tmp_path / "1D_Burgers.hdf5", "expected format 'neuralpde.trajectories', found a PDEBench one-dimensional file; convert it")


def test_unknown(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["things"] = [0.0]
    check(tmp_path / "a.h5", r"found format None and the members \['things'\]")


@pytest.mark.parametrize(("version", "advice"), [(2, "update neuralpde"), (0, "generate the file again")])
def test_other_version(copy, version, advice):
    with h5py.File(copy, "r+") as file:
        file.attrs["version"] = version
    check(copy, f"expected version 1, found version {version}; {advice}")


def test_missing_attribute(copy):
    with h5py.File(copy, "r+") as file:
        del file.attrs["dt"]
    check(copy, "expected the root attributes of a trajectory file, found none named dt; generate")


def test_wrong_attribute(copy):
    with h5py.File(copy, "r+") as file:
        file.attrs["recipe"] = "{"
    check(copy, r"expected the root attributes of a trajectory file, found a wrong one \(Expecting property name")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda file: file.__delitem__("fields/u"), r"expected /fields/u of shape \(5, 12, 20\), found no such data set"),
        (lambda file: file.attrs.__setitem__("num_frames", 13), r"expected /fields/u of shape \(5, 13, 20\), found shape \(5, 12, 20\)"),
        (lambda file: file.__delitem__("valid"), r"expected /valid of shape \(5,\), found no such data set"),
    ],
)
def test_layout_that_contradicts_the_attributes(copy, change, message):
    with h5py.File(copy, "r+") as file:
        change(file)
    check(copy, message)


def test_the_error_survives_pickling():
    error = pickle.loads(pickle.dumps(DataFileError("a.h5", "x", "y", "z")))
    assert str(error) == "a.h5: expected x, found y; z." and isinstance(error, ValueError)
