"""How a file is seen by a model: which fields, nodes and coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from neuralpde.data.schema import DataFileError
from neuralpde.data.trajectory_file import TrajectoryFile
from neuralpde.grids import Grid, PointSet

__all__ = ["View"]


@dataclass(frozen=True)
class View:
    """Fields, nodes and coefficients to serve.

    Args:
        fields: which fields become channels; None for all.
        conditioned_on: which scalar coefficients a model is told.
        resolution: points per axis; None for those of the file.
        keep_points: share of the nodes to keep, in (0, 1]; below 1 the rest is dropped at random and the domain becomes a point set.
        seed: decides which nodes are dropped.

    Raises:
        ValueError: ``keep_points`` outside (0, 1].
    """

    fields: tuple[str, ...] | None = None
    conditioned_on: tuple[str, ...] = ()
    resolution: tuple[int, ...] | None = None
    keep_points: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.keep_points is not None and not 0 < self.keep_points <= 1:
            raise ValueError(f"View: expected keep_points in (0, 1], got {self.keep_points}; give the share of the nodes to keep, or null for all.")

    def grid(self, file: TrajectoryFile) -> Grid:
        """The file's grid at this resolution.

        Raises:
            DataFileError: wrong number of axes, or more points than the file holds.
        """
        shape = file.grid.shape if self.resolution is None else self.resolution
        if len(shape) != file.grid.ndim or any(n > m for n, m in zip(shape, file.grid.shape, strict=True)):
            raise DataFileError(
                file.path, f"at least the resolution {shape}", f"{file.grid.shape}", "lower `resolution` in the data config or generate a finer file"
            )
        return file.grid.resized(shape)

    def domain(self, file: TrajectoryFile) -> Grid | PointSet:
        """Where the served fields live."""
        grid = self.grid(file)
        if not self._drops:
            return grid
        return PointSet(grid.points()[self._kept(grid)], grid.lower, grid.upper, grid.periodic)

    @property
    def _drops(self) -> bool:
        return self.keep_points is not None and self.keep_points < 1

    def _kept(self, grid: Grid) -> Tensor:
        """Kept nodes in ascending order."""
        count = max(1, round(grid.num_points * (self.keep_points or 1.0)))
        order = torch.randperm(grid.num_points, generator=torch.Generator().manual_seed(self.seed))
        return order[:count].sort().values

    def frames(self, file: TrajectoryFile, indices: Sequence[int] | Tensor, start: int = 0, stop: int | None = None) -> Tensor:
        """Frames as they are served, ``(batch, time, channel, *space)`` float32."""
        grid = self.grid(file)
        frames = file.read(indices, start, stop, fields=self.fields, resolution=grid.shape)
        return frames.flatten(3)[..., self._kept(grid)] if self._drops else frames

    def coefficients(self, file: TrajectoryFile) -> Tensor:
        """Conditioning coefficients of every trajectory of the file, ``(N, num_coefficients)`` float32."""
        return file.coefficients(self.conditioned_on)
