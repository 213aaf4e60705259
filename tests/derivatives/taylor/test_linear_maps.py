import pytest
import torch
import torch.nn.functional as F
from taylor_oracle import assert_jets_are_right, points
from torch import nn

torch.manual_seed(0)
W1, W2 = points(4, 3, 3, seed=2), points(4, 3, 3, 3, seed=3)


def bent(x):
    """Something with all orders, so that a map that mixes up coefficients is seen."""
    return torch.sin(x)


VECTORS = {
    "linear": lambda x: nn.functional.linear(bent(x), points(5, 3, seed=4), points(5, seed=5)),
    "sum": lambda x: bent(x).sum() + bent(x).sum(0) + bent(x).sum(-1, keepdim=True),
    "mean": lambda x: bent(x).mean() + bent(x).mean(1, keepdim=True) * bent(x).mean((0, 1)),
    "cumsum": lambda x: torch.cumsum(bent(x), 1),
}


@pytest.mark.parametrize("name", VECTORS)
def test_vectors(name):
    assert_jets_are_right(VECTORS[name], points(2, 3), order=6)


IMAGES = {
    "conv1d": (lambda x: F.conv1d(bent(x), W1, points(4), padding=1), (2, 3, 5)),
    "conv1d of one sample": (lambda x: F.conv1d(bent(x), W1), (3, 5)),
    "conv2d": (nn.Conv2d(3, 4, 3, stride=2).double().requires_grad_(False), (2, 3, 5, 5)),
    "circular": (nn.Conv1d(3, 2, 3, padding=1, padding_mode="circular").double().requires_grad_(False), (2, 3, 5)),
    "conv3d": (nn.Conv3d(1, 2, 2).double().requires_grad_(False), (1, 1, 2, 3, 2)),
    "transposed": (nn.ConvTranspose1d(3, 2, 2).double().requires_grad_(False), (2, 3, 4)),
    "pool": (lambda x: F.avg_pool1d(bent(x), 2) + F.avg_pool2d(bent(x), (1, 2)), (2, 3, 4)),
    "unfold": (lambda x: F.unfold(bent(x), 2), (2, 2, 3, 3)),
    "pad": (lambda x: F.pad(bent(x), (1, 1), value=3.0), (2, 3, 4)),
    "replicate": (lambda x: F.pad(bent(x), (1, 1), mode="replicate"), (2, 3, 4)),
}


@pytest.mark.parametrize("name", IMAGES)
def test_images(name):
    function, shape = IMAGES[name]
    assert_jets_are_right(lambda x: function(torch.sin(x)), points(*shape), order=5)
