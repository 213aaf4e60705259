import pickle
import shutil

import h5py
import pytest
import torch
from tiny_scenarios import TRUSTED, decay, drift

from neuralpde.data import DataFileError, Scenario, Shard, TrajectoryFile, generate, to_recipe


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return generate(drift(), tmp_path_factory.mktemp("file") / "valid.h5", size=7, split="valid", seed=3, workers=0)


@pytest.fixture
def file(path):
    file = TrajectoryFile(path, trusted=TRUSTED)
    yield file
    file.close()


@pytest.fixture(scope="module")
def truth():
    scenario = drift()
    return torch.cat([scenario.solve(scenario.draw(3, range(first, first + 3), "valid")) for first in (0, 3, 6)])[:7].float()


@pytest.mark.parametrize("indices", [[0, 1, 2], [5, 0, 5], torch.tensor([6]), range(7)])
def test_read(file, truth, indices):
    rows = torch.as_tensor(list(indices))
    assert torch.equal(file.read(indices), truth[rows])
    assert torch.equal(file.read(indices, 1, 4), truth[rows][:, 1:4])


def test_fields_are_channels_in_the_order_asked_for(file, truth):
    assert torch.equal(file.read([2, 0], fields=["v"]), truth[[2, 0]][:, :, 1:])
    assert torch.equal(file.read([2, 0], fields=["v", "u"]), truth[[2, 0]].flip(2))


def test_resolution_takes_matching_nodes(file, truth):
    assert torch.equal(file.read([4, 1], resolution=(4,)), truth[[4, 1]][..., ::2])
    assert torch.equal(file.read([4, 1], resolution=4), truth[[4, 1]][..., ::2])


def test_properties(file):
    assert (file.num_trajectories, file.num_frames, file.dt, file.fields, file.grid) == (7, 5, 0.5, ("u", "v"), drift().grid)
    assert torch.equal(file.times, drift().times) and torch.equal(file.valid(), torch.arange(7))


def test_coefficients(file):
    draw = drift().draw(3, range(7), "valid")
    columns = file.coefficients(["bc_right", "speed"])
    assert torch.equal(columns, torch.stack([draw.boundary["right"], torch.full((7,), 2.0)], dim=1).float())
    assert file.coefficients([]).shape == (7, 0)
    with pytest.raises(DataFileError, match=r"expected the coefficient 'nu', found the coefficients \['bc_left'.*correct `conditioned_on`"):
        file.coefficients(["nu"])


def test_structured_coefficients_are_no_scalars(tmp_path):
    file = TrajectoryFile(generate(decay(), tmp_path / "train.h5", size=4, workers=0))
    with pytest.raises(DataFileError, match=r"one number per trajectory for 'forcing\.phases'"):
        file.coefficients(["forcing.phases"])


def test_unknown_field(file):
    with pytest.raises(DataFileError, match=r"expected the fields \['w'\], found the fields \['u', 'v'\]; correct `fields`"):
        file.read([0], fields=["w"])


def test_rebuilds_scenario_and_draw(file, truth):
    scenario = file.scenario()
    assert isinstance(scenario, Scenario) and to_recipe(scenario) == to_recipe(drift())
    torch.testing.assert_close(scenario.solve(file.draw([5, 2])).float(), truth[[5, 2]])


def test_untrusted_recipes_are_refused(path):
    with pytest.raises(DataFileError, match="expected a recipe that can be rebuilt, found from_recipe: expected a class of neuralpde"):
        TrajectoryFile(path).scenario()


def test_pickles_without_its_handle(file, truth):
    file.read([0])
    other = pickle.loads(pickle.dumps(file))
    assert other._handle is None
    assert torch.equal(other.read([3]), truth[[3]])
    other.close()


def test_another_process_gets_its_own_handle(file, truth):
    handle = file._file()
    file._owner += 1  # as after a fork
    assert file._file() is not handle and torch.equal(file.read([3]), truth[[3]])


def test_reads_again_after_close(file, truth):
    file.close()
    assert torch.equal(file.read([1]), truth[[1]])


def test_fingerprint(path, file, tmp_path):
    fingerprint = file.fingerprint()
    assert len(fingerprint) == 64 and fingerprint == TrajectoryFile(path).fingerprint()
    for number, change in enumerate(({"fields/u": 1.0}, {"coefficients/speed": 2.5}, {"valid": False})):
        copy = shutil.copy(path, tmp_path / f"{number}.h5")
        with h5py.File(copy, "r+") as edited:
            for name, value in change.items():
                edited[name][(0,) * edited[name].ndim] = value
        assert TrajectoryFile(copy).fingerprint() != fingerprint


def test_a_missing_shard_is_an_error_and_not_zeros(tmp_path):
    for number in (1, 2):
        generate(decay(), tmp_path / "train.h5", size=8, workers=0, shard=Shard(number, 2))
    (tmp_path / "train.shard-02-of-02.h5").unlink()
    with pytest.raises(DataFileError, match=r"expected the shard train\.shard-02-of-02\.h5 beside it, found no such file"):
        TrajectoryFile(tmp_path / "train.h5")


def test_merged_files_can_be_moved_together(tmp_path, monkeypatch):
    for number in (1, 2):
        generate(decay(), tmp_path / "a" / "train.h5", size=8, workers=0, shard=Shard(number, 2))
    before = TrajectoryFile(tmp_path / "a" / "train.h5").fingerprint()
    shutil.move(tmp_path / "a", tmp_path / "b")
    monkeypatch.chdir(tmp_path)
    assert TrajectoryFile("b/train.h5").fingerprint() == before
