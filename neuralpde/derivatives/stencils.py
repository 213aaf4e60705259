"""Finite-difference weights as data: central inside, one-sided at bounded ends."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from neuralpde.grids import Grid

__all__ = ["Stencil", "difference", "staggered", "weights_at"]


def weights_at(offsets: Tensor, order: int) -> Tensor:
    """Weights w with Σ w u(x + offset) = u⁽ᵒʳᵈᵉʳ⁾(x), exact for polynomials up to the number of offsets.

    Shape: ``(rows, width)`` → ``(rows, width)``; order 0 interpolates.
    """
    width = offsets.shape[-1]
    # Scaling by the largest offset keeps the Vandermonde system well conditioned whatever the unit of length.
    scale = offsets.abs().amax(-1, keepdim=True)
    vandermonde = (offsets / scale).unsqueeze(-2) ** torch.arange(width, dtype=offsets.dtype).view(-1, 1)
    target = torch.zeros(*offsets.shape, dtype=offsets.dtype)
    target[..., order] = math.factorial(order)
    return torch.linalg.solve(vandermonde, target.unsqueeze(-1)).squeeze(-1) / scale**order


@dataclass(frozen=True, eq=False)
class Stencil:
    """A banded linear map along one axis: out[i] = Σⱼ weights[i, j] u[index[i, j]].

    Args:
        index: source positions, ``(targets, width)``.
        weights: ``(targets, width)``, or ``(1, width)`` if all rows agree.
    """

    index: Tensor
    weights: Tensor

    def __call__(self, u: Tensor, axis: int) -> Tensor:
        """Apply along ``axis``, counted from the right: ``(..., n, ...)`` → ``(..., targets, ...)``."""
        shape = [-1, *(1,) * (-axis - 1)]
        terms = (u.index_select(axis, self.index[:, j]) * self.weights[:, j].to(u.dtype).view(shape) for j in range(self.index.shape[1]))
        return sum(terms, start=next(terms))

    def on(self, device: torch.device | str | None) -> Stencil:
        """A copy on another device."""
        return self if device is None else Stencil(self.index.to(device), self.weights.to(device))


def difference(grid: Grid, axis: int, order: int, accuracy: int) -> Stencil:
    """Derivative of order ``order`` at the nodes from values at the nodes, with error O(dx^accuracy)."""
    reach = (order + 1) // 2 - 1 + accuracy // 2
    n = grid.shape[axis]
    if n < order + accuracy + grid.periodic[axis]:
        raise ValueError(
            f"FiniteDifference: derivative {order} at accuracy {accuracy} needs {order + accuracy + 1} points per axis, got {n}; refine or lower the order."
        )
    if grid.periodic[axis]:
        return _periodic(n, torch.arange(-reach, reach + 1), 0.0, order, grid.spacing[axis])
    nodes = grid.coordinates(axis)
    return _bounded(nodes, nodes, 2 * reach + 1, order, order + accuracy, central=grid.uniform[axis])


def staggered(grid: Grid, axis: int, order: int, accuracy: int, *, to_midpoints: bool) -> Stencil:
    """Derivative (or interpolation, order 0) from nodes to the midpoints between them, or back."""
    n, half = grid.shape[axis], accuracy // 2
    if grid.periodic[axis]:
        offsets = torch.arange(-half + 1, half + 1) - (0 if to_midpoints else 1)
        return _periodic(n, offsets, 0.5 if to_midpoints else -0.5, order, grid.spacing[axis])
    nodes = grid.coordinates(axis)
    midpoints = (nodes[1:] + nodes[:-1]) / 2
    source, target = (nodes, midpoints) if to_midpoints else (midpoints, nodes)
    return _bounded(source, target, accuracy, order, order + accuracy, central=grid.uniform[axis])


def _periodic(n: int, offsets: Tensor, shift: float, order: int, spacing: float) -> Stencil:
    """All rows equal; the target of row i lies ``shift`` spacings after node i."""
    index = (torch.arange(n).unsqueeze(-1) + offsets) % n
    return Stencil(index, weights_at((offsets.double() - shift).unsqueeze(0), order) / spacing**order)


def _bounded(source: Tensor, target: Tensor, inner: int, order: int, wide: int, *, central: bool) -> Stencil:
    """Rows of ``inner`` points where they fit symmetrically, rows of ``wide`` points elsewhere.

    A row narrower than the array is filled with weight zero at one of its own points, never at a foreign one: 0 · NaN is NaN.
    """
    n, width = len(source), max(inner, wide)
    index = torch.zeros(len(target), width, dtype=torch.long)
    weights = torch.zeros(len(target), width, dtype=source.dtype)
    for i, x in enumerate(target):
        # First source point of the symmetric window.
        first = int(torch.searchsorted(source, x - 1e-9 * (source[-1] - source[0]))) - inner // 2
        symmetric = central and first >= 0 and first + inner <= n
        size = inner if symmetric else min(wide, n)
        first = first if symmetric else max(0, min(first - (size - inner) // 2, n - size))
        index[i] = first
        index[i, :size] = torch.arange(first, first + size)
        weights[i, :size] = weights_at((source[first : first + size] - x).unsqueeze(0), order)[0]
    return Stencil(index, weights)
