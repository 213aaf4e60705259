"""Means over space, the one operation every metric is built from."""

from __future__ import annotations

import torch
from torch import Tensor

from neuralpde.grids import Grid

__all__ = ["CHANNEL_AXIS", "check_pair", "quadrature_weights", "space_axes", "space_mean"]

CHANNEL_AXIS = 2
"""Position of the channel in a trajectory ``(batch, time, channel, *space)``; space begins behind it."""


def space_axes(values: Tensor) -> tuple[int, ...]:
    """The axes of ``(batch, time, channel, *space)`` that are space."""
    return tuple(range(CHANNEL_AXIS + 1, values.ndim))


def check_pair(name: str, pred: Tensor, ref: Tensor) -> None:
    """Refuse anything but two trajectories of one shape.

    Raises:
        ValueError: fewer than four axes, or shapes that differ (broadcasting would score the wrong thing silently).
    """
    if pred.ndim < CHANNEL_AXIS + 2 or pred.shape != ref.shape:
        raise ValueError(
            f"{name}: expected two trajectories (batch, time, channel, *space) of one shape, got {tuple(pred.shape)} and {tuple(ref.shape)}; "
            "bring them to matching nodes and frames."
        )


def space_mean(values: Tensor, weights: Tensor | None = None) -> Tensor:
    r"""Mean over space, Σₛ wₛ vₛ / Σₛ wₛ; all nodes count the same without ``weights``.

    Args:
        values: a trajectory.
        weights: quadrature weights of the nodes, as for Chebyshev nodes, which crowd at the ends.

    Shape: ``(batch, time, channel, *space)`` and ``(*space)`` → ``(batch, time, channel)``.
    """
    if weights is None:
        return values.mean(dim=space_axes(values))
    if weights.shape != values.shape[CHANNEL_AXIS + 1 :]:
        space = tuple(values.shape[CHANNEL_AXIS + 1 :])
        raise ValueError(f"space_mean: weights need the shape of space {space}, got {tuple(weights.shape)}; take them from the grid.")
    return (values * weights.to(values)).sum(dim=space_axes(values)) / weights.to(values).sum()


def quadrature_weights(grid: Grid) -> Tensor:
    """Weights of every node of a tensor grid, the outer product of ``grid.weights``, shape ``(*space)``."""
    weights = grid.weights(0)
    for axis in range(1, grid.ndim):
        weights = weights.unsqueeze(-1) * grid.weights(axis)
    return torch.as_tensor(weights)
