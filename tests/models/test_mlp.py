import math

import pytest
import torch
from largest_tensor import LargestTensor
from torch import nn

from neuralpde.derivatives import SparseDirections, laplacian
from neuralpde.models import MLP, BlockFilter, FourierFeatures, Quadratic


def test_sizes_of_the_published_network():
    assert sum(p.numel() for p in MLP(1000).parameters()) == 1000 * 128 + 128 + 2 * (128**2 + 128) + 129


def test_value_by_hand():
    network = MLP(2, width=3, hidden_layers=1, skip=Quadratic, input_scale=2.0, output_scale=3.0)
    first, last = network.layers[0], network.layers[-1]
    nn.init.constant_(network.skip.linear, 0.5)
    network.skip.matrices.data[0] = torch.tensor([[1.0, 2.0], [0.0, -1.0]])
    x = torch.tensor([[0.3, -0.7]])
    expected = 3 * (torch.tanh(2 * x @ first.weight.T + first.bias) @ last.weight.T + last.bias) + 0.5 * x.sum() + 0.3**2 + 2 * 0.3 * -0.7 - 0.7**2
    torch.testing.assert_close(network(x), expected)


def test_a_quadratic_is_exact_from_one_sampled_direction_on_average_over_all(generator):
    skip = Quadratic(4, 2).double()
    skip.matrices.data = torch.randn(2, 4, 4, generator=generator, dtype=torch.float64)
    x = torch.randn(3, 4, generator=generator, dtype=torch.float64)
    second = laplacian(skip, x, SparseDirections(4, generator))[1]
    traces = 2 * skip.matrices.diagonal(dim1=1, dim2=2).sum(-1)
    torch.testing.assert_close(second, traces.expand(3, 2))
    assert not any(weight.any() for weight in Quadratic(4).parameters())


def test_weights_keep_the_size_of_what_passes():
    weight = MLP(400, width=300).layers[2].weight
    assert weight.abs().max() <= 2 / math.sqrt(300) and weight.std().item() == pytest.approx(0.88 / math.sqrt(300), rel=0.05)
    assert all((layer.bias == 0).all() for layer in MLP(3).layers if isinstance(layer, nn.Linear))


def test_block_filter_sees_each_block_through_the_same_weights():
    layer = BlockFilter(6, block=3)
    x = torch.randn(4, 6)
    expected = torch.stack([x[:, :3] @ layer.weight[0], x[:, 3:] @ layer.weight[0]], dim=1) + layer.bias
    torch.testing.assert_close(layer(x), expected)
    with pytest.raises(ValueError, match="multiple of block=4, got 6"):
        BlockFilter(6, block=4)


@pytest.mark.parametrize("features", [lambda n: BlockFilter(n, block=2), lambda n: FourierFeatures(n, num_frequencies=5)], ids=["block", "fourier"])
def test_features_pass_jets(features, generator):
    network = MLP(6, width=8, features=features).double()
    x = torch.randn(5, 6, generator=generator, dtype=torch.float64)
    hessian = torch.func.vmap(torch.func.hessian(lambda z: network(z[None]).squeeze()))(x)
    value, second = laplacian(network, x, SparseDirections(6, generator))
    torch.testing.assert_close(value, network(x))
    torch.testing.assert_close(second.squeeze(1), hessian.diagonal(dim1=1, dim2=2).sum(-1))


def test_a_block_filter_does_not_copy_shared_directions_for_every_point(generator):
    network, x = MLP(600, width=8, features=lambda n: BlockFilter(n, block=10)), torch.randn(50, 600, generator=generator)
    with LargestTensor() as largest:
        laplacian(network, x, SparseDirections(4, generator))
    assert largest.numel <= x.numel()


def test_fourier_features_are_fixed_and_of_the_given_scale():
    layer = FourierFeatures(3, num_frequencies=2000, scale=5.0, seed=1)
    assert layer.frequencies.std().item() == pytest.approx(5.0, rel=0.05) and not list(layer.parameters())
    assert torch.equal(layer.frequencies, FourierFeatures(3, num_frequencies=2000, scale=5.0, seed=1).frequencies)


def test_no_hidden_layer_is_refused():
    with pytest.raises(ValueError, match="at least one hidden layer, got 0"):
        MLP(3, hidden_layers=0)
