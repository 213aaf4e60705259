"""What a network is told besides the frames, and what it must declare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ClassVar

import torch
from torch import Tensor, nn

from neuralpde.graphs import Graph
from neuralpde.grids import Grid, PointSet

__all__ = ["LARGEST_LEVEL", "Backbone", "Conditions", "level_of"]

LARGEST_LEVEL = 1000.0
"""Levels span 0 … 1000, a range that sinusoids of periods up to 10000 resolve."""


@dataclass(frozen=True, eq=False)
class Conditions:
    """The circumstances of one batch.

    Args:
        time: time of the first predicted frame over the training horizon, ``(batch,)``.
        coefficients: scaled equation coefficients, ``(batch, num_coefficients)``; zero columns if there are none.
        domain: where the field lives.
        graph: its edges, for backbones that declare ``needs_graph``.
        level: place of a refinement step in its sequence, 0 to :data:`LARGEST_LEVEL`, ``(batch,)``, for strategies that have one.
        memo: see :meth:`remember`.
    """

    time: Tensor
    coefficients: Tensor
    domain: Grid | PointSet
    graph: Graph | None = None
    level: Tensor | None = None
    memo: dict[nn.Module, Tensor] = field(default_factory=dict)

    def at_level(self, level: Tensor) -> Conditions:
        """The same circumstances at another refinement step; what was remembered stays."""
        return replace(self, level=level)

    def remember(self, owner: nn.Module, compute: Callable[[], Tensor]) -> Tensor:
        """What ``owner`` makes of everything but frames and level: computed once, however many refinement steps follow; with gradients always anew."""
        if torch.is_grad_enabled():  # a graph serves one backward pass only
            return compute()
        if owner not in self.memo:
            self.memo[owner] = compute()
        return self.memo[owner]


class Backbone(nn.Module):
    """A network from frames to frames: ``(batch, in_channels, *space)`` → ``(batch, out_channels, *space)``.

    Every backbone takes ``in_channels``, ``out_channels``, ``ndim`` and ``num_coefficients`` by keyword. Frames are flattened into
    channels, time slowest. Sub-classes state what they need, so that a mismatch is one error at construction.

    Attributes:
        needs_graph: the network works on a graph and also accepts point sets.
        dimensions: space dimensions it supports.
        level: this network is conditioned on ``Conditions.level``.
    """

    needs_graph: ClassVar[bool] = False
    dimensions: ClassVar[tuple[int, ...]] = (1, 2)
    level: bool = False

    def forward(self, frames: Tensor, conditions: Conditions) -> Tensor:
        """See the class."""
        raise NotImplementedError

    def _check_dimension(self, ndim: int) -> None:
        if ndim not in self.dimensions:
            raise ValueError(f"{type(self).__name__}: supports {self.dimensions} space dimensions, got {ndim}; choose another model.")


def level_of(backbone: Backbone, conditions: Conditions) -> Tensor:
    """The level that ``backbone`` was built to be told, ``(batch,)``.

    Raises:
        ValueError: the conditions have none.
    """
    if conditions.level is None:
        name = type(backbone).__name__
        raise ValueError(f"{name}: level=True needs Conditions.level, got none; set level=False or use a strategy with refinement steps.")
    return conditions.level
