"""Message passing neural PDE solver."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from neuralpde.graphs import Graph
from neuralpde.models.conditions import LARGEST_LEVEL, Backbone, Conditions, level_of
from neuralpde.models.layers.bundle_decoder import BundleDecoder
from neuralpde.models.layers.message import MessageLayer

__all__ = ["MessagePassing"]


class MessagePassing(Backbone):
    r"""Encode – process – decode on a graph (MP-PDE).

    * encoder, per node: two linear layers on [u, x/L, t, coefficients];
    * processor: ``num_layers`` rounds of :class:`~neuralpde.models.layers.MessageLayer`;
    * decoder, per node: :class:`~neuralpde.models.layers.BundleDecoder`, two convolutions along the hidden features.

    Swish throughout. The published network has ``hidden=128, num_layers=6`` and its output belongs into ``Increments``. With K = 25 frames
    in and out, 1-D, it has 634,745 parameters, and 1,664 more for each coefficient.

    Args:
        in_channels: values per node that enter, frames times fields.
        out_channels: values per node that leave, frames times fields.
        ndim: space dimensions, 1, 2 or 3.
        num_coefficients: equation coefficients that the network is told.
        hidden: features per node.
        num_layers: rounds of messages; information travels that many neighbourhoods.
        fields: fields per frame; each gets its own output convolution. It must divide ``out_channels``.
        level: condition on ``Conditions.level``, the index of a refinement step, like on a coefficient.

    Shape: ``(batch, in_channels, *space)`` → ``(batch, out_channels, *space)``, or one axis of points in place of the space axes.

    Raises:
        ValueError: no graph in the conditions, one of another size, or ``fields`` that do not divide ``out_channels``.

    Limits: it is told positions, so it is not equivariant to translations; renumbering the nodes renumbers the output.

    Reference: Brandstetter, Worrall & Welling, "Message Passing Neural PDE Solvers", 2022, section 3.
    """

    needs_graph: ClassVar[bool] = True
    dimensions: ClassVar[tuple[int, ...]] = (1, 2, 3)

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        ndim: int,
        num_coefficients: int,
        hidden: int = 128,
        num_layers: int = 6,
        fields: int = 1,
        level: bool = False,
    ) -> None:
        super().__init__()
        self._check_dimension(ndim)
        if out_channels % fields:
            raise ValueError(f"MessagePassing: out_channels={out_channels} needs to be a multiple of fields={fields}; give the fields of one frame.")
        self.level = level
        num_conditions = 1 + num_coefficients + level
        self.encoder = nn.Sequential(nn.Linear(in_channels + ndim + num_conditions, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU())
        self.processor = nn.ModuleList(MessageLayer(hidden, in_channels, ndim, num_conditions) for _ in range(num_layers))
        self.decoder = BundleDecoder(hidden, out_channels // fields, fields)

    def forward(self, frames: Tensor, conditions: Conditions) -> Tensor:
        """See the class."""
        graph = self._graph(frames, conditions)
        u = frames.flatten(2).permute(2, 0, 1).contiguous()  # (nodes, batch, in_channels)
        nodes, batch, _ = u.shape
        v = torch.cat([conditions.time.unsqueeze(1), conditions.coefficients, *self._level(conditions)], dim=1).to(u)  # (batch, num_conditions)
        h = self.encoder(torch.cat([u, graph.position.unsqueeze(1).expand(-1, batch, -1), v.expand(nodes, -1, -1)], dim=-1))
        for layer in self.processor:
            h = layer(h, u, v, graph)
        return self.decoder(h).permute(1, 2, 0).reshape(batch, -1, *frames.shape[2:])

    def _level(self, conditions: Conditions) -> list[Tensor]:
        return [(level_of(self, conditions) / LARGEST_LEVEL).unsqueeze(1)] if self.level else []

    @staticmethod
    def _graph(frames: Tensor, conditions: Conditions) -> Graph:
        graph = conditions.graph
        if graph is None or graph.num_nodes != frames.shape[2:].numel():
            expected, arrived = frames.shape[2:].numel(), "none" if graph is None else f"one of {graph.num_nodes} nodes"
            raise ValueError(f"MessagePassing: needs a graph of {expected} nodes, got {arrived}; build it with NeuralStepper.build_graph(domain).")
        return graph.to(frames.device, frames.dtype)
