"""Between the nodes and the edges of a graph, quickly in both directions.

Features carry their nodes or edges on the **first** axis, ``(nodes, batch, features)``: a gather then copies long contiguous rows, and with
edges ordered by target the sum over the neighbours of a node is a reshape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from neuralpde.graphs import Graph

__all__ = ["edge_sum", "mean_over_neighbours"]


def edge_sum(received: Tensor, sent: Tensor, travelled: Tensor, graph: Graph) -> Tensor:
    """Sum of what the target of an edge, its source and the edge itself contribute:  a_target + b_source + c_edge.

    Args:
        received: a, ``(nodes, batch, features)``.
        sent: b, ``(nodes, batch, features)``.
        travelled: c, the same for the whole batch, ``(edges, features)``.
        graph: which edges.

    Shape: → ``(edges, batch, features)``.
    """
    return _EdgeSum.apply(received, sent, travelled, graph)  # type: ignore[no-any-return]


class _EdgeSum(torch.autograd.Function):
    """See :func:`edge_sum`.

    One tensor of edge size each way, where autograd would make one for each addend. If equally many edges start from every node, the gather is
    transposed by a reduction in fixed order: adding rows by index is not deterministic on an accelerator. Every operation of the backward is
    differentiable, so second derivatives exist.
    """

    @staticmethod
    def forward(ctx: Any, received: Tensor, sent: Tensor, travelled: Tensor, graph: Graph) -> Tensor:
        ctx.graph = graph
        edges = sent.index_select(0, graph.source)
        if graph.in_degree is None:
            edges += received.index_select(0, graph.target)
        else:
            _by_target(edges, graph).add_(received.unsqueeze(1))
        return edges.add_(travelled.unsqueeze(1))

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:  # type: ignore[override]
        graph: Graph = ctx.graph
        if graph.out_degree is None:
            sent = _sum_by(graph.source, grad, graph)
        else:
            sent = grad.index_select(0, graph.by_source).view(graph.num_nodes, graph.out_degree, *grad.shape[1:]).sum(1)
        received = _sum_by(graph.target, grad, graph) if graph.in_degree is None else _by_target(grad, graph).sum(1)
        return received, sent, grad.sum(1), None


def mean_over_neighbours(edges: Tensor, graph: Graph, activation: Callable[[Tensor], Tensor]) -> Tensor:
    """Mean of ``activation(edges)`` over the edges that end in each node, zero where there are none: ``(edges, ...)`` → ``(nodes, ...)``."""
    if graph.in_degree is None:
        total = _sum_by(graph.target, activation(edges), graph)
        return total / graph.in_degrees.clamp(min=1).to(edges.dtype).view(-1, *(1,) * (edges.ndim - 1))
    # The reshape comes before the activation and the scale after the sum: then the gradient of the mean stays an expanded view of node size.
    return activation(_by_target(edges, graph)).sum(1) * (1 / max(graph.in_degree, 1))


def _by_target(edges: Tensor, graph: Graph) -> Tensor:
    """``(edges, ...)`` → ``(nodes, degree, ...)``."""
    return edges.unflatten(0, (graph.num_nodes, graph.in_degree or 0))


def _sum_by(index: Tensor, edges: Tensor, graph: Graph) -> Tensor:
    return edges.new_zeros(graph.num_nodes, *edges.shape[1:]).index_add(0, index, edges)
