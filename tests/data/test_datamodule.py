import dataclasses

import lightning as L
import pytest
import torch
from tiny_scenarios import data, decay, drift

from neuralpde.data import DataFileError, DataSpec, Shard, Trajectories, Window
from neuralpde.grids import Grid, PointSet


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    data(root).prepare_data()
    return root


def module(root, **options):
    data_module = data(root, **{"history": 3, "future": 2, "batch_size": 4, **options})
    data_module.setup("fit")
    return data_module


def test_prepare_makes_what_is_missing(tmp_path, monkeypatch):
    data(tmp_path).prepare_data()
    assert sorted(path.name for path in (tmp_path / "tiny").iterdir()) == ["test.h5", "train.h5", "valid.h5"]
    (tmp_path / "tiny" / "valid.h5").unlink()
    made = []
    original = type(data(tmp_path)).generate
    monkeypatch.setattr("neuralpde.data.datamodule.TrajectoryDataModule.generate", lambda self, split: made.append(split) or original(self, split))
    data(tmp_path).prepare_data()
    assert made == ["valid"]


def test_shards_through_the_module(tmp_path):
    for number in (2, 1):
        path = data(tmp_path).generate("train", shard=Shard(number, 2), workers=0)
    assert path == tmp_path / "tiny" / "train.h5" and data(tmp_path).file("train").num_trajectories == 10


def test_spec(root):
    spec = module(root, conditioned_on=["beta", "gamma", "alpha"], resolution=[10]).spec
    file = data(root).file("train")
    frames = file.read(range(10), resolution=10).double()
    assert isinstance(spec, DataSpec)
    assert (spec.fields, spec.channels, spec.domain, spec.dt, spec.num_frames) == (("u",), 1, Grid((10,), 0.0, 16.0), 0.1, 12)
    assert spec.time_scale == pytest.approx(1.1)
    assert spec.coefficient_names == ("beta", "gamma", "alpha") and spec.num_coefficients == 3
    assert spec.coefficient_scale == pytest.approx((file.column("beta").max().item(), 1.0, 0.5))
    assert spec.mean == pytest.approx((frames.mean().item(),), abs=1e-9) and spec.std == pytest.approx((frames.std(correction=0).item(),), rel=1e-9)


@pytest.mark.parametrize(("in_memory", "num_workers"), [(True, 0), (False, 0), (False, 1)])
def test_training_windows(root, in_memory, num_workers):
    data_module = module(root, conditioned_on=["beta"], windows_per_trajectory=2, in_memory=in_memory, num_workers=num_workers)
    everything, betas = data_module.file("train").read(range(10)), data_module.file("train").column("beta").float()
    batches = list(data_module.train_dataloader())
    assert [len(batch.time) for batch in batches] == [4, 4, 4, 4, 4]
    for batch in batches:
        assert isinstance(batch, Window) and batch.frames.shape == (4, 5, 1, 20) and batch.frames.dtype == torch.float32
        for frames, time, beta in zip(*batch, strict=True):
            index = (betas == beta).nonzero().item()
            start = round(time.item() / 0.1) - 2
            assert torch.equal(frames, everything[index, start : start + 5])


@pytest.mark.parametrize("in_memory", [True, False])
def test_strided_windows_have_every_phase(root, in_memory):
    data_module = module(root, conditioned_on=["beta"], windows_per_trajectory=8, history=2, future=1, stride=4, in_memory=in_memory)
    everything, betas = data_module.file("train").read(range(10)), data_module.file("train").column("beta").float()
    starts = set()
    for batch in data_module.train_dataloader():
        for frames, time, beta in zip(*batch, strict=True):
            index, start = (betas == beta).nonzero().item(), round(time.item() / 0.1) - 4
            assert torch.equal(frames, everything[index, start : start + 9 : 4])
            starts.add(start)
    assert starts == {0, 1, 2, 3}
    assert (data_module.spec.dt, data_module.spec.num_frames) == (pytest.approx(0.4), 3)


def test_held_out_splits_have_a_scenario_of_their_own(tmp_path):
    longer = dataclasses.replace(decay(), dt=0.2, num_frames=30)
    data_module = data(tmp_path, held_out=longer, stride=2)
    data_module.prepare_data()
    assert [data_module.file(split).num_frames for split in ("train", "valid", "test")] == [12, 30, 30]
    assert [data_module.file(split).dt for split in ("train", "test")] == [0.1, 0.2]
    assert data_module.spec.dt == pytest.approx(0.2)
    with pytest.raises(DataFileError, match="num_frames"):
        data(tmp_path).file("test")


def test_evaluation_loaders_serve_whole_trajectories(root):
    data_module = module(root, conditioned_on=["beta"])
    for loader, split, size in ((data_module.val_dataloader(), "valid", 4), (data_module.test_dataloader(), "test", 5)):
        batches = list(loader)
        assert isinstance(batches[0], Trajectories)
        frames = torch.cat([batch.frames for batch in batches])
        assert torch.equal(frames, data_module.file(split).read(range(size)))
        assert torch.equal(torch.cat([batch.indices for batch in batches]), torch.arange(size))
        torch.testing.assert_close(batches[0].times, 0.1 * torch.arange(12.0))


def test_dropped_points(root):
    data_module = module(root, keep_points=0.9)
    assert isinstance(data_module.spec.domain, PointSet) and data_module.spec.domain.num_points == 18
    assert next(iter(data_module.train_dataloader())).frames.shape == (4, 5, 1, 18)


def test_max_train(root):
    data_module = module(root, max_train=3)
    assert sum(len(batch.time) for batch in data_module.train_dataloader()) == 3
    assert data_module.spec.std != module(root).spec.std


def test_fields(tmp_path):
    data_module = data(tmp_path, drift(), fields=["v"])
    data_module.prepare_data()
    assert data_module.spec.fields == ("v",)
    assert torch.equal(next(iter(data_module.test_dataloader())).frames, data_module.file("test").read(range(5), fields=["v"]))


def test_invalid_trajectories_are_left_out(tmp_path):
    data_module = data(tmp_path, decay(explode_above=0.5))
    data_module.prepare_data()
    valid = data_module.file("test").valid()
    assert len(valid) < 5
    assert torch.equal(torch.cat([batch.indices for batch in data_module.test_dataloader()]), valid)
    assert all(batch.frames.isfinite().all() for batch in data_module.train_dataloader())


class Recorder(L.LightningModule):
    """Records the windows it is trained on."""

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)
        self.seen = []

    def training_step(self, batch, index):
        self.seen.append((self.current_epoch, batch.frames.clone(), batch.time.clone()))
        return self.layer(batch.time[:, None]).square().mean()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


def fit(root, folder, epochs, ckpt_path=None):
    recorder = Recorder()
    trainer = L.Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
        default_root_dir=folder,
    )
    trainer.fit(recorder, data(root, history=3, future=2, batch_size=4), ckpt_path=ckpt_path)
    trainer.save_checkpoint(folder / f"{epochs}.ckpt")
    return recorder.seen


@pytest.mark.filterwarnings("ignore")  # of Lightning, about loader workers and logging intervals
def test_a_resumed_run_sees_the_same_batches(root, tmp_path):
    whole = fit(root, tmp_path, 4)
    first = fit(root, tmp_path, 2)
    second = fit(root, tmp_path, 4, ckpt_path=tmp_path / "2.ckpt")
    assert [epoch for epoch, *_ in whole] == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    for ours, theirs in zip(first + second, whole, strict=True):
        assert ours[0] == theirs[0] and torch.equal(ours[1], theirs[1]) and torch.equal(ours[2], theirs[2])
    assert not torch.equal(whole[0][1], whole[3][1])


def test_missing_file(tmp_path):
    with pytest.raises(DataFileError, match=r"train\.h5: expected a trajectory file, found no such file; make it with datasets/generate\.py"):
        data(tmp_path).setup()


def test_file_of_another_recipe(root):
    with pytest.raises(DataFileError, match=r"expected recipe.num_frames 9, found recipe.num_frames 12; remove the file"):
        data(root, dataclasses.replace(decay(), num_frames=9)).setup()
    with pytest.raises(DataFileError, match="expected seed 1, found seed 0"):
        data(root, seed=1).setup()


def test_unknown_names(root):
    with pytest.raises(DataFileError, match="correct `fields`"):
        module(root, fields=["vorticity"])
    with pytest.raises(DataFileError, match="correct `conditioned_on`"):
        module(root, conditioned_on=["viscosity"])
    with pytest.raises(DataFileError, match="lower `resolution`"):
        module(root, resolution=(400,))


def test_too_long_windows(root):
    with pytest.raises(ValueError, match="lower history or future"):
        module(root, history=10, future=10).train_dataloader()
