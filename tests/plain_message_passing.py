"""Message passing written edge by edge, as in the paper: the yardstick of the fast layer.

Same parameters, same results, no rearrangement: every edge concatenates all it knows and passes it through the whole first linear layer.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from neuralpde.graphs import Graph
from neuralpde.models import Conditions, MessagePassing
from neuralpde.models.layers import MessageLayer

__all__ = ["plain_forward", "plain_layer"]


def plain_layer(layer: MessageLayer, h: Tensor, u: Tensor, v: Tensor, edges: tuple[Tensor, Tensor, Tensor], nodes: int) -> Tensor:
    """One round of messages on the disjoint union of a batch of graphs.

    Shape: h ``(batch * nodes, hidden)``, u and v likewise; edges: source, target, displacement.
    """
    source, target, displacement = edges
    message = torch.cat([h[target], h[source], u[target] - u[source], displacement, v[target]], dim=1)
    message = F.silu(layer.message_out(F.silu(layer.message_in(message))))
    total = torch.zeros_like(h).index_add(0, target, message)
    count = torch.zeros_like(h[:, :1]).index_add(0, target, torch.ones_like(message[:, :1]))
    update = torch.cat([h, total / count.clamp(min=1), v], dim=1)
    h = h + F.silu(layer.update_out(F.silu(layer.update_in(update))))
    return F.instance_norm(h.view(-1, nodes, h.shape[1]).transpose(1, 2)).transpose(1, 2).reshape(h.shape)


def plain_forward(model: MessagePassing, frames: Tensor, conditions: Conditions) -> Tensor:
    """What ``model(frames, conditions)`` computes, edge by edge."""
    assert conditions.graph is not None
    graph: Graph = conditions.graph.to(frames.device, frames.dtype)
    batch, nodes = frames.shape[0], graph.num_nodes
    shift = (torch.arange(batch, device=frames.device) * nodes).repeat_interleave(graph.num_edges)
    edges = (graph.source.repeat(batch) + shift, graph.target.repeat(batch) + shift, graph.displacement.repeat(batch, 1))
    u = frames.flatten(2).transpose(1, 2).reshape(batch * nodes, -1)
    x = graph.position.repeat(batch, 1)
    v = torch.cat([conditions.time[:, None], conditions.coefficients], dim=1).to(u).repeat_interleave(nodes, dim=0)
    h = model.encoder(torch.cat([u, x, v], dim=1))
    for layer in model.processor:
        h = plain_layer(layer, h, u, v, edges, nodes)
    signal = model.decoder.conv_out(F.silu(model.decoder.conv_in(h.unsqueeze(1))))
    return signal.transpose(1, 2).reshape(batch, nodes, -1).transpose(1, 2).reshape(batch, -1, *frames.shape[2:])
