"""Data modules of files that lie anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from neuralpde.data.datamodule import TrajectoryDataModule
from neuralpde.data.spec import DataSpec
from neuralpde.data.streams import SPLITS, Split

__all__ = ["FileDataModule"]


class FileDataModule(TrajectoryDataModule):
    """Native trajectory files by path, nothing is generated.

    Args:
        path: file of the test split, and of any split that is not given.
        train: file of the training split.
        valid: file of the validation split.
        fields: see :class:`TrajectoryDataModule`, as the others.
        conditioned_on: scalar coefficients that a model is told.
        resolution: points per axis to serve.
        keep_points: share of the nodes to keep.
        seed: seed of the order of training and of dropped nodes.
        history: frames given in a training window.
        future: frames to predict in a training window.
        batch_size: windows, or trajectories, per batch.
        windows_per_trajectory: passes over the trajectories per epoch.
        num_workers: loader processes.
        in_memory: whether a split is loaded at once.

    Limits: without ``train`` the statistics of :attr:`spec` are those of ``path``: good for scoring a model that knows its own scales.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        train: str | Path | None = None,
        valid: str | Path | None = None,
        fields: Sequence[str] | None = None,
        conditioned_on: Sequence[str] = (),
        resolution: Sequence[int] | int | None = None,
        keep_points: float | None = None,
        seed: int = 0,
        history: int = 1,
        future: int = 1,
        batch_size: int = 16,
        windows_per_trajectory: int = 1,
        num_workers: int = 0,
        in_memory: bool = True,
    ) -> None:
        super().__init__(
            None,
            name=Path(path).stem,
            root=Path(path).parent,
            seed=seed,
            fields=fields,
            conditioned_on=conditioned_on,
            resolution=resolution,
            keep_points=keep_points,
            history=history,
            future=future,
            batch_size=batch_size,
            windows_per_trajectory=windows_per_trajectory,
            num_workers=num_workers,
            in_memory=in_memory,
        )
        self._paths = {"train": Path(train or path), "valid": Path(valid or path), "test": Path(path)}

    def path(self, split: Split) -> Path:
        """File of a split."""
        return self._paths[split]

    def setup(self, stage: str | None = None) -> None:
        """Check the files."""
        del stage
        for split in SPLITS:
            self.file(split)

    @property
    def spec(self) -> DataSpec:
        """See :class:`TrajectoryDataModule`."""
        return super().spec
