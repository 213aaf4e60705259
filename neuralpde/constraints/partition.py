"""A space-time grid cut into blocks, one for each expert."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["Partition"]


class Partition:
    r"""Non-overlapping blocks of a grid, with windows that may overlap and always sum to one.

    :meth:`split` and :meth:`join` are exact inverses: they move values and compute nothing. The blocks lie on an axis of their own, so that one
    batched solve serves all of them; blocks shorter than the largest one are padded with copies of their last point.

    Args:
        shape: points per axis.
        edges: per axis the first index of every block and, last, the number of points.
        overlap: points by which a window reaches beyond its block; 0 makes the windows indicators of the blocks.
        periodic: which axes close on themselves; matters for the windows only.

    Raises:
        ValueError: edges that are not ascending from 0 to the number of points, or an overlap wider than a block.

    Reference: Chalapathi, Du & Krishnapriyan, "Scaling physics-informed hard constraints with mixture-of-experts", 2024, section 3, for blocks
    without overlap.
    """

    def __init__(self, shape: Sequence[int], edges: Sequence[Sequence[int]], *, overlap: int = 0, periodic: Sequence[bool] | None = None) -> None:
        self.shape, self.edges, self.overlap = tuple(shape), tuple(tuple(int(e) for e in axis) for axis in edges), overlap
        self.periodic = tuple(periodic) if periodic is not None else (False,) * len(self.shape)
        for axis, (n, marks) in enumerate(zip(self.shape, self.edges, strict=True)):
            widths = [b - a for a, b in itertools.pairwise(marks)]
            if len(marks) < 2 or marks[0] != 0 or marks[-1] != n or min(widths) < 1:
                raise ValueError(f"Partition: axis {axis} of {n} points needs ascending edges from 0 to {n}, got {marks}; correct them or use fewer blocks.")
            if overlap and len(marks) > 2 and 2 * overlap > min(widths):
                raise ValueError(f"Partition: overlap={overlap} needs blocks of at least {2 * overlap} points, got {min(widths)} on axis {axis}; lower it.")
        blocks = [flat.flatten() for flat in self._pieces(torch.arange(math.prod(self.shape)).reshape(self.shape))]
        self.cells, self.valid = _padded(blocks)
        position = torch.empty(math.prod(self.shape), dtype=torch.long)
        position[self.cells[self.valid]] = torch.arange(self.cells.numel()).reshape(self.cells.shape)[self.valid]
        self._position = position

    @classmethod
    def uniform(cls, shape: Sequence[int], counts: Sequence[int], *, overlap: int = 0, periodic: Sequence[bool] | None = None) -> Partition:
        """Blocks of equal size, up to one point: ``counts`` of them per axis."""
        edges = [[round(n * k / count) for k in range(count + 1)] for n, count in zip(shape, counts, strict=True)]
        return cls(shape, edges, overlap=overlap, periodic=periodic)

    @classmethod
    def balanced(cls, density: Tensor, counts: Sequence[int], *, narrowest: int = 1, overlap: int = 0, periodic: Sequence[bool] | None = None) -> Partition:
        """Blocks that hold equal shares of a density, such as the residual of an earlier solve, axis by axis.

        Args:
            density: non-negative, on the grid to cut.
            counts: blocks per axis.
            narrowest: fewest points of a block along an axis, as far as there are enough.
            overlap: see the class.
            periodic: see the class.
        """
        edges = []
        for axis, (n, count) in enumerate(zip(density.shape, counts, strict=True)):
            share = density.movedim(axis, 0).flatten(1).sum(1).cumsum(0)
            targets = share[-1] * torch.arange(1, count, dtype=share.dtype, device=share.device) / count
            inner = (torch.searchsorted(share, targets) + 1).tolist()
            width = min(max(1, narrowest, 2 * overlap), n // count)
            for k in range(count - 1):
                lowest = (inner[k - 1] if k else 0) + width
                inner[k] = min(max(inner[k], lowest), n - (count - 1 - k) * width)
            edges.append([0, *inner, n])
        return cls(density.shape, edges, overlap=overlap, periodic=periodic)

    @property
    def num_blocks(self) -> int:
        """Number of blocks."""
        return len(self.cells)

    def _pieces(self, field: Tensor) -> list[Tensor]:
        """The blocks of ``(*shape)``, last axis fastest."""
        slices = [[slice(a, b) for a, b in itertools.pairwise(marks)] for marks in self.edges]
        return [field[index] for index in itertools.product(*slices)]

    def split(self, field: Tensor) -> Tensor:
        """``(*lead, *shape)`` → ``(*lead, blocks, points of the largest block)``."""
        flat = field.reshape(*field.shape[: field.ndim - len(self.shape)], -1)
        return flat[..., self.cells.to(field.device)]

    def join(self, blocks: Tensor) -> Tensor:
        """Inverse of :meth:`split`; padding is ignored."""
        flat = blocks.flatten(-2)[..., self._position.to(blocks.device)]
        return flat.reshape(*flat.shape[:-1], *self.shape)

    def windows(self) -> Tensor:
        """Weight of every block at every point, ``(blocks, *shape)`` float64; smooth ramps of width 2 · overlap, the sum is one."""
        axes = [self._axis_windows(axis) for axis in range(len(self.shape))]
        windows = []
        for rows in itertools.product(*axes):
            window = rows[0]
            for row in rows[1:]:
                window = window.unsqueeze(-1) * row
            windows.append(window)
        return torch.stack(windows)

    def support(self) -> tuple[Tensor, Tensor]:
        """Flat indices of the points where each window is not zero, ``(blocks, points)``, and which of them are no padding."""
        return _padded([window.flatten().nonzero().squeeze(1) for window in self.windows()])

    def _axis_windows(self, axis: int) -> list[Tensor]:
        n, marks = self.shape[axis], self.edges[axis]
        centre = torch.arange(n, dtype=torch.float64) + 0.5
        wraps = self.periodic[axis] and len(marks) > 2
        shifts = (-n, 0, n) if wraps else (0,)
        steps = [sum(self._step(centre + shift, mark, n, wraps) for shift in shifts) for mark in marks]
        return [torch.as_tensor(a - b) for a, b in itertools.pairwise(steps)]

    def _step(self, x: Tensor, mark: int, n: int, wraps: bool) -> Tensor:
        """A smooth step from 0 to 1 at ``mark``; at the ends of a bounded axis all points are inside."""
        if not wraps and mark in (0, n):
            return torch.full_like(x, float(mark == 0))
        if self.overlap == 0:
            return (x > mark).to(x)
        s = ((x - mark) / (2 * self.overlap) + 0.5).clamp(0.0, 1.0)
        return s * s * (3 - 2 * s)


def _padded(blocks: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Index lists of different length as one array, padded with their last entry, and a mask of what is no padding."""
    longest = max(len(block) for block in blocks)
    rows = [torch.cat([block, block[-1:].expand(longest - len(block))]) for block in blocks]
    lengths = torch.tensor([len(block) for block in blocks])
    return torch.stack(rows), torch.arange(longest) < lengths.unsqueeze(1)
