import pytest
import torch
from tiny_scenarios import data

from neuralpde.data import DataFileError, FileDataModule


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("files")
    data(root).prepare_data()
    return root / "tiny"


def test_a_single_file(folder):
    files = FileDataModule(folder / "test.h5", conditioned_on=["beta"], resolution=10)
    files.prepare_data()
    files.setup()
    assert files.spec.domain.shape == (10,) and files.spec.num_coefficients == 1
    assert torch.equal(next(iter(files.test_dataloader())).frames, files.file("test").read(range(5), resolution=10))


def test_a_file_per_split(folder):
    files = FileDataModule(folder / "test.h5", train=folder / "train.h5", valid=folder / "valid.h5", history=2, future=2)
    assert files.spec.std == data(folder.parent).spec.std
    assert sum(len(batch.time) for batch in files.train_dataloader()) == 10
    assert sum(len(batch.indices) for batch in files.val_dataloader()) == 4


def test_a_missing_file(folder):
    with pytest.raises(DataFileError, match=r"none\.h5: expected a trajectory file, found no such file"):
        FileDataModule(folder / "none.h5").setup()
