import dataclasses

import h5py
import numpy as np
import pytest
from tiny_scenarios import decay, drift

from neuralpde.data import DataFileError, Header, Shard, generate
from neuralpde.data.assembly import chunk_shape, merge
from neuralpde.grids import Grid


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    path = tmp_path_factory.mktemp("shards") / "train.h5"
    for number in (1, 2, 3):
        generate(decay(), path, size=10, workers=0, shard=Shard(number, 3))
    return Shard.complete(path)


def header(shape, num_frames):
    scenario = dataclasses.replace(decay(), grid=Grid(shape), num_frames=num_frames)
    return Header.of(scenario, seed=0, split="train", num_trajectories=8)


@pytest.mark.parametrize(
    ("shape", "num_frames", "expected"),
    [((200,), 250, (1, 25, 200)), ((200,), 12, (1, 12, 200)), ((64, 64), 51, (1, 16, 64, 64)), ((512, 512), 51, (1, 1, 512, 512))],
)
def test_chunks_hold_some_frames_of_one_trajectory(shape, num_frames, expected):
    assert chunk_shape(header(shape, num_frames)) == expected


def test_layout(tmp_path):
    path = generate(drift(), tmp_path / "train.h5", size=4, workers=0)
    with h5py.File(path) as file:
        assert set(file) == {"fields", "coefficients", "coordinates", "valid"}
        assert file["fields/u"].shape == (4, 5, 8) and file["fields/v"].dtype == np.float32
        assert file["fields/u"].chunks == (1, 5, 8)
        assert file["coefficients/bc_right"].shape == (4,) and file["coefficients/bc_right"].dtype == np.float64
        np.testing.assert_array_equal(file["coordinates/time"][()], 0.5 * np.arange(5))
        np.testing.assert_array_equal(file["coordinates/x"][()], -8.0 + 2.0 * np.arange(8))
        assert file["valid"].dtype == bool and file["valid"][()].all()
        assert dict(file["fields/u"].attrs)["time_varying"] and file["fields/u"].attrs["dim_varying"].tolist() == [True]


def test_no_time_stamps(tmp_path):
    path = generate(decay(), tmp_path / "train.h5", size=4, workers=0)
    with h5py.File(path) as file:
        names = []
        file.visit(names.append)
        for name in names:
            assert h5py.h5o.get_info(file[name].id).ctime == 0, name


def test_a_merged_file_is_a_view(shards):
    path = shards[0].with_name("train.h5")
    with h5py.File(path) as file:
        assert file["fields/u"].is_virtual
        assert [source.file_name for source in file["fields/u"].virtual_sources()] == [shard.name for shard in shards]
    assert path.stat().st_size < shards[0].stat().st_size


def test_shards_out_of_order_are_refused(shards, tmp_path):
    with pytest.raises(DataFileError, match="expected trajectories from index 0 on, found index 4"):
        merge([shards[1], shards[0]], tmp_path / "train.h5")
    assert list(tmp_path.iterdir()) == []
