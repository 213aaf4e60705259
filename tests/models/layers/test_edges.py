from __future__ import annotations

import pytest
import torch
from torch import Tensor

from neuralpde.graphs import Graph, NearestNeighbours, PeriodicNeighbours, Radius
from neuralpde.grids import Grid, PointSet
from neuralpde.models.layers import edge_sum, mean_over_neighbours

POINTS = PointSet(torch.rand(9, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64), 0.0, 1.0, False)
# Equally many neighbours in and out; in only; neither, with nodes that have none.
GRAPHS = [PeriodicNeighbours(2)(Grid((7,))), NearestNeighbours(3)(POINTS), Radius(0.2)(POINTS)]


def inputs(graph: Graph) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    shapes = ((graph.num_nodes, 2, 3), (graph.num_nodes, 2, 3), (graph.num_edges, 3))
    return tuple(torch.randn(s, generator=generator, dtype=torch.float64, requires_grad=True) for s in shapes)  # type: ignore[return-value]


def test_the_cases_differ() -> None:
    assert [(g.in_degree is None, g.out_degree is None) for g in GRAPHS] == [(False, False), (False, True), (True, True)]
    assert GRAPHS[2].in_degrees.min() == 0


@pytest.mark.parametrize("graph", GRAPHS)
def test_edge_sum_by_hand(graph: Graph) -> None:
    received, sent, travelled = inputs(graph)
    result = edge_sum(received, sent, travelled, graph)
    for e, (i, j) in enumerate(zip(graph.target.tolist(), graph.source.tolist(), strict=True)):
        torch.testing.assert_close(result[e], received[i] + sent[j] + travelled[e])


@pytest.mark.parametrize("graph", GRAPHS)
def test_edge_sum_derivatives(graph: Graph) -> None:
    assert torch.autograd.gradcheck(lambda *args: edge_sum(*args, graph), inputs(graph))
    assert torch.autograd.gradgradcheck(lambda *args: edge_sum(*args, graph).square(), inputs(graph))


@pytest.mark.parametrize("graph", GRAPHS)
def test_mean_by_hand(graph: Graph) -> None:
    edges = torch.randn(graph.num_edges, 2, 3, dtype=torch.float64)
    result = mean_over_neighbours(edges, graph, torch.tanh)
    for node in range(graph.num_nodes):
        incoming = edges[graph.target == node].tanh()
        torch.testing.assert_close(result[node], incoming.mean(0) if len(incoming) else torch.zeros(2, 3).double())


@pytest.mark.parametrize("graph", GRAPHS)
def test_mean_derivatives(graph: Graph) -> None:
    edges = torch.randn(graph.num_edges, 2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda e: mean_over_neighbours(e, graph, torch.tanh), edges)
