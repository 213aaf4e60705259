import pytest
import torch
from tiny_scenarios import drift

from neuralpde.data import TrajectoryFile, View, generate
from neuralpde.data.sources import OnDisk, Resident

INDICES = torch.tensor([0, 2, 3, 6])


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return TrajectoryFile(generate(drift(), tmp_path_factory.mktemp("source") / "train.h5", size=7, workers=0))


@pytest.mark.parametrize("kind", [OnDisk, Resident])
def test_windows(file, kind):
    source = kind(file, View(("v",), resolution=(4,)), INDICES)
    positions, starts = torch.tensor([3, 0, 0]), torch.tensor([2, 0, 1])
    window = source.window(positions, starts, 3)
    everything = file.read(range(7), fields=["v"])[..., ::2]
    assert window.shape == (3, 3, 1, 4) and window.dtype == torch.float32
    for row, (index, start) in enumerate([(6, 2), (0, 0), (0, 1)]):
        assert torch.equal(window[row], everything[index, start : start + 3])
    same = source.window(positions, torch.zeros(3, dtype=torch.int64), 5)
    assert torch.equal(same, everything[[6, 0, 0]])


@pytest.mark.parametrize("kind", [OnDisk, Resident])
def test_batches_cover_everything(file, kind, monkeypatch):
    monkeypatch.setattr("neuralpde.data.sources._BATCH", 3)
    parts = list(kind(file, View(), INDICES).batches())
    assert [len(part) for part in parts] == [3, 1]
    assert torch.equal(torch.cat(parts), file.read(INDICES))
