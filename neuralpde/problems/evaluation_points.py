"""The points at which a solution is scored, in blocks of bounded size."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from typing_extensions import Self

from neuralpde.problems.base import Problem

__all__ = ["EvaluationPoints"]

BLOCK = 2**25
"""Coordinates per block, 128 MiB in single precision."""


class EvaluationPoints:
    """The same points at every iteration, as blocks ``(points, coordinates)``; what does not fit into one block is never held as a whole.

    The first block is ``problem.evaluation_points(…, seed)`` and is kept if it is the only one; further blocks have seeds of their own, derived from
    (seed, number), and are drawn whenever they are needed.

    Args:
        problem: gives the points.
        num_points: points in all blocks together.
        seed: of the points.
        block: coordinates per block; a block has one point at least.

    Raises:
        ValueError: no point.
    """

    def __init__(self, problem: Problem, num_points: int, seed: int, *, block: int = BLOCK) -> None:
        if num_points < 1:
            raise ValueError(f"EvaluationPoints: needs at least one point, got num_points={num_points}; raise it.")
        self._problem, self._num_points, self._seed = problem, num_points, seed
        self._rows = min(num_points, max(1, block // problem.domain.ndim))
        self._kept = problem.evaluation_points(num_points, seed) if len(self) == 1 else None
        self._device, self._dtype = torch.device("cpu"), torch.float32

    def __len__(self) -> int:
        """Number of blocks."""
        return -(-self._num_points // self._rows)

    def __iter__(self) -> Iterator[Tensor]:
        if self._kept is not None:
            yield self._kept
            return
        for number in range(len(self)):
            size = min(self._rows, self._num_points - number * self._rows)
            yield self._problem.evaluation_points(size, self._seed_of(number)).to(self._device, self._dtype)

    def to(self, device: torch.device | str, dtype: torch.dtype = torch.float32) -> Self:
        """The same points on a device and in a precision; this object itself."""
        self._device, self._dtype = torch.device(device), dtype
        self._kept = None if self._kept is None else self._kept.to(self._device, self._dtype)
        return self

    def _seed_of(self, number: int) -> int:
        # The seed itself for the first block: a set that fits into one is that of problem.evaluation_points.
        return self._seed if number == 0 else int(np.random.SeedSequence([self._seed, number]).generate_state(1)[0])
