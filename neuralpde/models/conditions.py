"""What a network is told besides the frames, and what it must declare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn

from neuralpde.graphs import Graph
from neuralpde.grids import Grid, PointSet

__all__ = ["Backbone", "Conditions"]


@dataclass(frozen=True, eq=False)
class Conditions:
    """The circumstances of one batch.

    Args:
        time: time of the first predicted frame over the training horizon, ``(batch,)``.
        coefficients: scaled equation coefficients, ``(batch, num_coefficients)``; zero columns if there are none.
        domain: where the field lives.
        graph: its edges, for backbones that declare ``needs_graph``.
        level: index of a refinement step, ``(batch,)``, for strategies that have one.
    """

    time: Tensor
    coefficients: Tensor
    domain: Grid | PointSet
    graph: Graph | None = None
    level: Tensor | None = None


class Backbone(nn.Module):
    """A network from frames to frames: ``(batch, in_channels, *space)`` → ``(batch, out_channels, *space)``.

    Every backbone takes ``in_channels``, ``out_channels``, ``ndim`` and ``num_coefficients`` by keyword. Frames are flattened into
    channels, time slowest. Sub-classes state what they need, so that a mismatch is one error at construction.

    Attributes:
        needs_graph: the network works on a graph and also accepts point sets.
        dimensions: space dimensions it supports.
    """

    needs_graph: ClassVar[bool] = False
    dimensions: ClassVar[tuple[int, ...]] = (1, 2)

    def forward(self, frames: Tensor, conditions: Conditions) -> Tensor:
        """See the class."""
        raise NotImplementedError

    def _check_dimension(self, ndim: int) -> None:
        if ndim not in self.dimensions:
            raise ValueError(f"{type(self).__name__}: supports {self.dimensions} space dimensions, got {ndim}; choose another model.")
