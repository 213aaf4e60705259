from __future__ import annotations

import pytest
import torch
from plain_message_passing import plain_layer

from neuralpde.graphs import NearestNeighbours, PeriodicNeighbours, Radius
from neuralpde.grids import Grid
from neuralpde.models.layers import MessageLayer, normalise_nodes


@pytest.mark.parametrize("builder", [PeriodicNeighbours(3), NearestNeighbours(5), Radius(0.21)])
@pytest.mark.parametrize("batch", [1, 16])
def test_per_node_equals_per_edge(builder, batch: int) -> None:
    torch.manual_seed(0)
    grid = Grid((30,), periodic=isinstance(builder, PeriodicNeighbours))
    graph = builder(grid).to(dtype=torch.float32)
    layer = MessageLayer(128, 25, 1, 2)
    h, u, v = torch.randn(30, batch, 128), torch.randn(30, batch, 25), torch.randn(batch, 2)

    def flat(x: torch.Tensor) -> torch.Tensor:
        return x.transpose(0, 1).reshape(batch * 30, -1)

    shift = (30 * torch.arange(batch)).repeat_interleave(graph.num_edges)
    edges = (graph.source.repeat(batch) + shift, graph.target.repeat(batch) + shift, graph.displacement.repeat(batch, 1))
    expected = plain_layer(layer, flat(h), flat(u), v.repeat_interleave(30, 0), edges, 30)
    torch.testing.assert_close(flat(layer(h, u, v, graph)), expected, rtol=1e-6, atol=1e-6)


def test_the_first_linear_layer_is_one_of_the_documented_shape() -> None:
    layer = MessageLayer(128, 25, 1, 4)
    assert {name: tuple(p.shape) for name, p in layer.named_parameters() if name.endswith("weight")} == {
        "message_in.weight": (128, 2 * 128 + 25 + 1 + 4),
        "message_out.weight": (128, 128),
        "update_in.weight": (128, 2 * 128 + 4),
        "update_out.weight": (128, 128),
    }


def test_normalised_nodes_have_mean_zero_and_variance_one() -> None:
    h = 3 + 5 * torch.randn(50, 4, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    out = normalise_nodes(h)
    torch.testing.assert_close(out.mean(0), torch.zeros(4, 8).double(), rtol=0, atol=1e-12)
    torch.testing.assert_close(out.var(0, correction=0), torch.ones(4, 8).double(), rtol=1e-5, atol=0)
    torch.testing.assert_close(out, torch.nn.functional.instance_norm(h.permute(1, 2, 0)).permute(2, 0, 1))


def test_constant_features_are_erased_not_amplified() -> None:
    assert normalise_nodes(torch.full((10, 1, 1), 7.0)).abs().max() == 0
    assert normalise_nodes(torch.full((1, 2, 3), 7.0)).abs().max() == 0  # a single node


def test_statistics_are_single_precision_even_for_half_inputs() -> None:
    h = (1000 + torch.randn(400, 1, 1, generator=torch.Generator().manual_seed(0))).bfloat16()
    out = normalise_nodes(h)
    assert out.dtype == torch.float32
    torch.testing.assert_close(out.double(), normalise_nodes(h.double()), rtol=1e-3, atol=1e-3)
