import errno
import functools

import numpy as np
import pytest
import torch
from tiny_scenarios import decay

from neuralpde.data import Scenario
from neuralpde.data.blocks import BlockStore, write_atomically
from neuralpde.equations import Burgers
from neuralpde.grids import Grid
from neuralpde.initial import Choice, RandomSineSeries
from neuralpde.solvers import ExponentialRungeKutta


def store(tmp_path, **options):
    blocks = BlockStore(decay(**options), 0, "train", tmp_path / "train.h5")
    blocks.folder.mkdir(parents=True)
    return blocks


def test_a_block_is_what_the_scenario_solves(tmp_path):
    blocks = store(tmp_path)
    assert blocks.make(1) == 1 and blocks.intact(1) and not blocks.intact(0)
    arrays = blocks.load(1)
    draw = blocks.scenario.draw(0, range(4, 8))
    np.testing.assert_array_equal(arrays["fields/u"], blocks.scenario.solve(draw)[:, :, 0].float().numpy())
    np.testing.assert_array_equal(arrays["coefficients/beta"], draw.coefficients["beta"].numpy())
    assert arrays["valid"].all() and arrays["fields/u"].dtype == np.float32
    assert [path.name for path in blocks.folder.iterdir()] == ["block-000001.npz"]


def test_the_folder_names_recipe_seed_and_split(tmp_path):
    folders = {
        BlockStore(scenario, seed, split, tmp_path / "train.h5").folder
        for scenario in (decay(), decay(explode_above=3.0))
        for seed in (0, 1)
        for split in ("train", "test")
    }
    assert len(folders) == 8


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_damaged_block_is_noticed_and_removed(tmp_path, damage):
    blocks = store(tmp_path)
    blocks.make(0)
    content = bytearray(blocks.path(0).read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 1
    blocks.path(0).write_bytes({"cut": content[: len(content) // 2], "flip": content, "empty": b""}[damage])
    assert not blocks.intact(0)
    assert not blocks.path(0).exists()


def test_a_failed_write_leaves_nothing(tmp_path):
    target = tmp_path / "file"
    target.write_text("old")
    with pytest.raises(OSError, match="No space"), write_atomically(target) as part:
        part.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert target.read_text() == "old" and list(tmp_path.iterdir()) == [target]


def test_a_trajectory_that_is_not_finite_is_invalid(tmp_path):
    blocks = store(tmp_path, explode_above=0.8)
    beta = blocks.scenario.draw(0, range(4)).coefficients["beta"]
    valid = blocks.compute(0)["valid"]
    assert 0 < valid.sum() < 4
    np.testing.assert_array_equal(valid, (beta <= 0.8).numpy())


def test_a_solver_that_refuses_one_trajectory_keeps_the_others(tmp_path, caplog):
    beta = decay().draw(0, range(4)).coefficients["beta"]
    worst = int(beta.argmax())
    blocks = store(tmp_path, refuse_above=float(beta.max()) - 1e-6)
    arrays, free = blocks.compute(0), store(tmp_path / "free").compute(0)
    np.testing.assert_array_equal(arrays["valid"], np.arange(4) != worst)
    np.testing.assert_array_equal(arrays["fields/u"][arrays["valid"]], free["fields/u"][arrays["valid"]])
    assert f"trajectory {worst} of" in caplog.text and "Decay: expected beta" in caplog.text


def test_a_trajectory_that_blows_up_keeps_the_others(tmp_path, caplog):
    """Large steps, a viscosity that tames them and one that does not; the solver reports the blow-up of its whole batch."""
    scenario = Scenario(
        Burgers,
        Grid((32,), 0.0, 1.0),
        functools.partial(ExponentialRungeKutta, substeps=1),
        RandomSineSeries(frequency=0.0, length=1.0, wavenumbers=(1, 2)),
        dt=0.5,
        num_frames=12,
        coefficients={"viscosity": Choice([0.5, 1e-6])},
        block_size=4,
    )
    viscosity = scenario.draw(0, range(4)).coefficients["viscosity"]
    arrays = BlockStore(scenario, 0, "train", tmp_path / "train.h5").compute(0)
    assert 0 < arrays["valid"].sum() < 4
    np.testing.assert_array_equal(arrays["valid"], (viscosity == 0.5).numpy())
    assert "needs to be finite, got NaN or infinity" in caplog.text


def test_a_solver_that_refuses_everything_is_an_error(tmp_path):
    with pytest.raises(ValueError, match=r"trajectories 4 to 7 of .*train.h5: Decay: expected beta"):
        store(tmp_path, refuse_above=-1.0).compute(1)


def test_threads_are_restored(tmp_path):
    before = torch.get_num_threads()
    store(tmp_path).compute(0)
    assert torch.get_num_threads() == before


def test_removal(tmp_path):
    blocks = store(tmp_path)
    for block in (0, 1):
        blocks.make(block)
    blocks.remove(range(1))
    assert blocks.folder.is_dir() and blocks.intact(1)
    blocks.remove(range(2))
    assert not blocks.folder.exists()
