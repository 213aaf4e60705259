import math

import pytest
import torch

from neuralpde.derivatives import laplacian
from neuralpde.models import MLP
from neuralpde.problems import PeriodicEmbedding


def test_cosine_and_sine_of_periodic_coordinates_only():
    x = torch.tensor([[0.5, 3.0, 1.0]], dtype=torch.float64)
    embedding = PeriodicEmbedding([2.0, None, 3.0])
    angle = 2 * math.pi / 3
    expected = torch.tensor([[0.0, 1.0, 3.0, math.cos(angle), math.sin(angle)]], dtype=torch.float64)
    torch.testing.assert_close(embedding(x), expected)
    assert embedding.out_features == 5


def test_all_derivatives_of_a_network_behind_it_are_periodic(generator):
    torch.manual_seed(0)
    embedding = PeriodicEmbedding([2.0, None])
    network = torch.nn.Sequential(embedding, MLP(embedding.out_features, width=8)).double()
    x = torch.randn(5, 2, generator=generator, dtype=torch.float64)
    shift = torch.tensor([2.0, 0.0], dtype=torch.float64)
    for here, there in zip(laplacian(network, x), laplacian(network, x - shift), strict=True):
        torch.testing.assert_close(here, there)
    assert (network(x) - network(x + shift.flip(0))).abs().max() > 1e-3  # not along the other coordinate


def test_a_period_is_positive():
    with pytest.raises(ValueError, match=r"PeriodicEmbedding: needs positive periods, or None .* got \(1.0, 0.0\)"):
        PeriodicEmbedding([1.0, 0.0])
