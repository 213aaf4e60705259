import torch

from neuralpde.data.datasets import TrajectoryDataset, WindowDataset
from neuralpde.data.sampling import Pick


class Counting:
    """Frames whose value is 100 · trajectory + frame."""

    indices = torch.tensor([4, 7, 9])

    def window(self, positions, starts, length, stride=1):
        return (100.0 * positions[:, None] + starts[:, None] + stride * torch.arange(length))[:, :, None, None]


TIMES = 10.0 + 0.5 * torch.arange(8, dtype=torch.float64)
COEFFICIENTS = torch.tensor([[1.0], [2.0], [3.0]])


def test_windows():
    dataset = WindowDataset(Counting(), TIMES, COEFFICIENTS, history=3, future=2)
    assert len(dataset) == 3 and dataset.num_starts == 4
    window = dataset[Pick(torch.tensor([2, 0]), torch.tensor([3, 1]))]
    assert window.frames[:, :, 0, 0].tolist() == [[203, 204, 205, 206, 207], [1, 2, 3, 4, 5]]
    # Time of the last frame of the history: frames 5 and 3.
    assert window.time.tolist() == [12.5, 11.5] and window.time.dtype == torch.float32
    assert window.coefficients.tolist() == [[3.0], [1.0]]


def test_trajectories():
    dataset = TrajectoryDataset(Counting(), TIMES, COEFFICIENTS)
    batch = dataset[Pick(torch.tensor([1, 2]), torch.zeros(2, dtype=torch.int64))]
    assert len(dataset) == 3
    assert batch.frames[:, :, 0, 0].tolist() == [[100.0 + k for k in range(8)], [200.0 + k for k in range(8)]]
    assert torch.equal(batch.times, TIMES.float()) and batch.indices.tolist() == [7, 9] and batch.coefficients.tolist() == [[2.0], [3.0]]
