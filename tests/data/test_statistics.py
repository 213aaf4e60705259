import torch

from neuralpde.data.statistics import channel_statistics, coefficient_scales


class Batches:
    def __init__(self, *parts):
        self.parts = parts

    def batches(self):
        yield from self.parts


def test_channel_statistics_of_uneven_batches():
    frames = torch.randn(7, 5, 2, 6, generator=torch.Generator().manual_seed(0)) * torch.tensor([1.0, 3.0])[:, None] + torch.tensor([1000.0, -2.0])[:, None]
    mean, std = channel_statistics(Batches(frames[:4], frames[4:5], frames[5:]))
    exact = frames.double().movedim(2, 0).flatten(1)
    torch.testing.assert_close(torch.tensor(mean, dtype=torch.float64), exact.mean(1), rtol=1e-12, atol=0)
    torch.testing.assert_close(torch.tensor(std, dtype=torch.float64), exact.std(1, correction=0), rtol=1e-12, atol=0)


def test_coefficient_scales():
    assert coefficient_scales(torch.tensor([[0.5, 0.0, -3.0], [0.25, 0.0, 2.0]])) == (0.5, 1.0, 3.0)
    assert coefficient_scales(torch.zeros(4, 0)) == ()
