"""Splits, windows and loaders of one data set for Lightning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import lightning as L
import torch
from torch.utils.data import DataLoader, Dataset

from neuralpde.data.datasets import TrajectoryDataset, WindowDataset
from neuralpde.data.generation import check_origin, generate
from neuralpde.data.sampling import TrajectoryBatches, WindowBatches
from neuralpde.data.scenario import Scenario
from neuralpde.data.schema import DataFileError, Header
from neuralpde.data.shards import Shard
from neuralpde.data.sources import FrameSource, OnDisk, Resident
from neuralpde.data.spec import DataSpec
from neuralpde.data.statistics import channel_statistics, coefficient_scales
from neuralpde.data.streams import SPLITS, Split
from neuralpde.data.trajectory_file import TrajectoryFile
from neuralpde.data.view import View
from neuralpde.data.windows import Trajectories, Window

__all__ = ["TrajectoryDataModule"]


class TrajectoryDataModule(L.LightningDataModule):
    """Trajectories of a scenario in the files ``<root>/<name>/<split>.h5``; what is missing is generated.

    Args:
        scenario: where the trajectories come from.
        name: folder of the data set.
        root: folder of all data sets.
        sizes: trajectories per split.
        seed: seed of the draws, of the order of training and of dropped nodes.
        fields: fields that become channels; None for all.
        conditioned_on: scalar coefficients that a model is told.
        resolution: points per axis to serve; None for those of the file.
        keep_points: share of the nodes to keep; below 1 the domain becomes a point set.
        history: frames given in a training window.
        future: frames to predict in a training window.
        batch_size: windows, or trajectories, per batch.
        windows_per_trajectory: passes over the trajectories per epoch, each with new random starts.
        num_workers: loader processes.
        in_memory: whether a split is loaded at once; otherwise workers read from disk.
        max_train: use only the first so many training trajectories.
        stride: stored frames between two frames of a training window; the model steps by ``stride`` times the stored step.
        held_out: scenario of validation and test, if it is not that of the training: the same problems over another span, stored at the step
            of the model.

    Attributes:
        trainer: set by Lightning; tells rank and number of processes.
    """

    def __init__(
        self,
        scenario: Scenario | None,
        *,
        name: str,
        root: str | Path = "datasets",
        sizes: Mapping[Split, int] | None = None,
        seed: int = 0,
        fields: Sequence[str] | None = None,
        conditioned_on: Sequence[str] = (),
        resolution: Sequence[int] | int | None = None,
        keep_points: float | None = None,
        history: int = 1,
        future: int = 1,
        batch_size: int = 16,
        windows_per_trajectory: int = 1,
        num_workers: int = 0,
        in_memory: bool = True,
        max_train: int | None = None,
        stride: int = 1,
        held_out: Scenario | None = None,
    ) -> None:
        super().__init__()
        self.scenario, self.held_out, self.name, self.seed, self.stride = scenario, held_out, name, seed, stride
        self.folder = Path(root) / name
        self.sizes = {split: int(size) for split, size in (sizes or {}).items()}
        shape = (resolution,) if isinstance(resolution, int) else resolution
        self.view = View(
            None if fields is None else tuple(fields),
            tuple(conditioned_on),
            None if shape is None else tuple(shape),
            keep_points,
            seed,
        )
        self.history, self.future = history, future
        self.batch_size, self.windows_per_trajectory = batch_size, windows_per_trajectory
        self.num_workers, self.in_memory, self.max_train = num_workers, in_memory, max_train
        self._sources: dict[Split, FrameSource] = {}
        self._files: dict[Split, TrajectoryFile] = {}
        self._spec: DataSpec | None = None

    def path(self, split: Split) -> Path:
        """File of a split."""
        return self.folder / f"{split}.h5"

    def scenario_of(self, split: Split) -> Scenario | None:
        """Where the trajectories of a split come from."""
        return self.held_out if self.held_out is not None and split != "train" else self.scenario

    def generate(self, split: Split, *, shard: Shard | None = None, workers: int | None = None) -> Path:
        """Make the file of a split, or a shard of it, unless it is there; see :func:`neuralpde.data.generate`."""
        scenario = self.scenario_of(split)
        if scenario is None:
            raise DataFileError(self.path(split), "a trajectory file", "no such file and no scenario to make it from", "correct the path in the data config")
        return generate(scenario, self.path(split), size=self.sizes[split], split=split, seed=self.seed, shard=shard, workers=workers)

    def prepare_data(self) -> None:
        """Generate the splits that are missing."""
        for split in self.sizes:
            if not self.path(split).exists():
                self.generate(split)

    def file(self, split: Split) -> TrajectoryFile:
        """The open file of a split, checked against scenario, seed and size.

        Raises:
            DataFileError: missing, damaged, foreign, or made from another recipe.
        """
        if split not in self._files:
            file = TrajectoryFile(self.path(split))
            scenario = self.scenario_of(split)
            if scenario is not None:
                size = self.sizes.get(split, file.num_trajectories)
                check_origin(file, Header.of(scenario, seed=self.seed, split=split, num_trajectories=size))
            self._files[split] = file
        return self._files[split]

    def indices(self, split: Split) -> torch.Tensor:
        """Trajectories of the split's file that are used: the valid ones, for training at most ``max_train`` of them."""
        valid = self.file(split).valid()
        return valid[: self.max_train] if split == "train" else valid

    def setup(self, stage: str | None = None) -> None:
        """Check all files that exist and take the statistics of the training split."""
        del stage
        _ = self.spec
        for split in SPLITS:
            if split in self.sizes:
                self.file(split)

    @property
    def spec(self) -> DataSpec:
        """Sizes, scales and statistics; reads the training split at first use."""
        if self._spec is None:
            self._spec = self._measure("train")
        return self._spec

    def _measure(self, split: Split) -> DataSpec:
        file, source = self.file(split), self._source(split)
        mean, std = channel_statistics(source)
        return DataSpec(
            fields=file.checked_fields(self.view.fields),
            domain=self.view.domain(file),
            dt=file.dt * self.stride,
            time_scale=file.dt * (file.num_frames - 1),
            num_frames=-(-file.num_frames // self.stride),
            coefficient_names=self.view.conditioned_on,
            coefficient_scale=coefficient_scales(self.view.coefficients(file)[source.indices]),
            mean=mean,
            std=std,
        )

    def train_dataloader(self) -> DataLoader[Window]:
        """Batches of random windows."""
        source, file = self._source("train"), self.file("train")
        dataset = WindowDataset(source, file.times, self._coefficients("train"), history=self.history, future=self.future, stride=self.stride)
        sampler = WindowBatches(
            dataset,
            len(dataset),
            num_starts=dataset.num_starts,
            batch_size=self.batch_size,
            passes=self.windows_per_trajectory,
            seed=self.seed,
            **self._ranks(),
        )
        return self._loader(dataset, sampler)

    def val_dataloader(self) -> DataLoader[Trajectories]:
        """Whole trajectories of the validation split."""
        return self._trajectories("valid")

    def test_dataloader(self) -> DataLoader[Trajectories]:
        """Whole trajectories of the test split."""
        return self._trajectories("test")

    def _trajectories(self, split: Split) -> DataLoader[Trajectories]:
        dataset = TrajectoryDataset(self._source(split), self.file(split).times, self._coefficients(split))
        return self._loader(dataset, TrajectoryBatches(dataset, len(dataset), batch_size=self.batch_size, **self._ranks()))

    def _coefficients(self, split: Split) -> torch.Tensor:
        return self.view.coefficients(self.file(split))[self._source(split).indices]

    def _source(self, split: Split) -> FrameSource:
        if split not in self._sources:
            kind = Resident if self.in_memory else OnDisk
            self._sources[split] = kind(self.file(split), self.view, self.indices(split))
        return self._sources[split]

    def _ranks(self) -> dict[str, int]:
        trainer = self.trainer
        return {"rank": trainer.global_rank, "world_size": trainer.world_size} if trainer is not None else {}

    def _loader(self, dataset: Dataset, sampler: Any) -> DataLoader:
        """A loader whose items are batches already; files are closed, since an HDF5 handle must not be shared by a fork."""
        for file in self._files.values():
            file.close()
        return DataLoader(dataset, batch_size=None, sampler=sampler, num_workers=self.num_workers, persistent_workers=self.num_workers > 0)
