"""Reading a trajectory file."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch
from torch import Tensor

from neuralpde.data.recipe import TRUSTED, from_recipe
from neuralpde.data.scenario import Draw, Scenario
from neuralpde.data.schema import DataFileError, Header, open_file
from neuralpde.grids import Grid
from neuralpde.resampling import resample

__all__ = ["TrajectoryFile"]


class TrajectoryFile:
    """Trajectories on disk, read on demand.

    The HDF5 handle is opened at the first read **of each process** and is not pickled, so that one object serves loader workers too.

    Args:
        path: a native file.
        trusted: packages whose classes :meth:`scenario` may build, as prefixes.

    Raises:
        DataFileError: missing, truncated, foreign, of another version, or merged from shards of which one is missing.
    """

    def __init__(self, path: str | Path, *, trusted: tuple[str, ...] = TRUSTED) -> None:
        self.path, self.trusted = Path(path), trusted
        self._handle: h5py.File | None = None
        self._owner = 0
        self.header = Header.read(self._file())
        self._check_sources()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_handle": None}

    def __repr__(self) -> str:
        return f"TrajectoryFile({str(self.path)!r}, {self.num_trajectories} × {self.num_frames} frames of {', '.join(self.fields)} on {self.grid.shape})"

    def _file(self) -> h5py.File:
        if self._handle is None or self._owner != os.getpid():
            self._handle, self._owner = open_file(self.path), os.getpid()
        return self._handle

    def close(self) -> None:
        """Close the handle; the next read opens it again."""
        if self._handle is not None and self._owner == os.getpid():
            self._handle.close()
        self._handle = None

    def _check_sources(self) -> None:
        """HDF5 reads a missing shard as zeros, silently."""
        for name in self.fields:
            dataset = self._dataset(f"fields/{name}")
            for source in dataset.virtual_sources() if dataset.is_virtual else ():
                if not (self.path.parent / source.file_name).is_file():
                    raise DataFileError(self.path, f"the shard {source.file_name} beside it", "no such file", "restore the shard or generate the file again")

    def _dataset(self, name: str) -> h5py.Dataset:
        dataset = self._file()[name]
        if not isinstance(dataset, h5py.Dataset):
            raise DataFileError(self.path, f"a data set /{name}", "a group", "generate the file again")
        return dataset

    @property
    def num_trajectories(self) -> int:
        """Trajectories in the file, valid or not."""
        return self.header.num_trajectories

    @property
    def num_frames(self) -> int:
        """Frames per trajectory."""
        return self.header.num_frames

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the stored fields."""
        return self.header.fields

    @property
    def grid(self) -> Grid:
        """Nodes of the stored fields."""
        return self.header.grid

    @property
    def dt(self) -> float:
        """Time between frames."""
        return self.header.dt

    @property
    def times(self) -> Tensor:
        """Time of every frame, ``(num_frames,)`` float64."""
        return torch.from_numpy(self._dataset("coordinates/time")[()])

    def valid(self) -> Tensor:
        """Indices of the trajectories that are complete and finite, ``(num_valid,)``."""
        return torch.from_numpy(np.flatnonzero(self._dataset("valid")[()]))

    def read(
        self,
        indices: Sequence[int] | Tensor,
        start: int = 0,
        stop: int | None = None,
        *,
        fields: Sequence[str] | None = None,
        resolution: Sequence[int] | int | None = None,
    ) -> Tensor:
        """Frames ``start`` to ``stop`` of some trajectories.

        Args:
            indices: which trajectories, in any order.
            start: first frame.
            stop: one past the last frame; None for all.
            fields: which fields become channels; None for all.
            resolution: points per axis; matching nodes of nested uniform grids are picked, otherwise values are interpolated.

        Shape: ``(batch, time, channel, *space)``, float32.

        Raises:
            DataFileError: a field that the file does not hold.
        """
        stop = self.num_frames if stop is None else stop
        rows = [int(i) for i in indices]
        channels = [self._rows(name, rows, start, stop) for name in self.checked_fields(fields)]
        frames = torch.from_numpy(np.stack(channels, axis=2))
        target = self.grid if resolution is None else self.grid.resized(resolution)
        return frames if target == self.grid else resample(frames.double(), self.grid, target).float()

    def _rows(self, name: str, rows: list[int], start: int, stop: int) -> np.ndarray:
        dataset = self._dataset(f"fields/{name}")
        if rows and rows == list(range(rows[0], rows[0] + len(rows))):
            return dataset[rows[0] : rows[-1] + 1, start:stop]
        # Hyperslab by hyperslab: h5py's fancy indexing needs ascending indices and is slower.
        out = np.empty((len(rows), stop - start, *dataset.shape[2:]), dtype=dataset.dtype)
        for place, row in enumerate(rows):
            dataset.read_direct(out, np.s_[row, start:stop], np.s_[place])
        return out

    def checked_fields(self, fields: Sequence[str] | None) -> tuple[str, ...]:
        """``fields``, or all of them for None, after a check that the file holds them."""
        names = self.fields if fields is None else tuple(fields)
        if not names or any(name not in self.fields for name in names):
            raise DataFileError(self.path, f"the fields {list(names)}", f"the fields {list(self.fields)}", "correct `fields` in the data config")
        return names

    @property
    def coefficient_names(self) -> tuple[str, ...]:
        """Names of the stored coefficients, structured ones as ``name.part``."""
        group = self._file().get("coefficients")
        return tuple(sorted(group)) if isinstance(group, h5py.Group) else ()

    def column(self, name: str) -> Tensor:
        """One stored coefficient of every trajectory, ``(N, ...)`` float64."""
        if name not in self.coefficient_names:
            raise DataFileError(
                self.path, f"the coefficient {name!r}", f"the coefficients {list(self.coefficient_names)}", "correct `conditioned_on` in the data config"
            )
        return torch.from_numpy(self._dataset(f"coefficients/{name}")[()])

    def coefficients(self, names: Sequence[str]) -> Tensor:
        """Scalar coefficients of every trajectory, ``(N, len(names))`` float32.

        Raises:
            DataFileError: a name that the file does not hold, or one with several numbers per trajectory.
        """
        columns = [self.column(name) for name in names]
        for name, column in zip(names, columns, strict=True):
            if column.ndim != 1:
                raise DataFileError(self.path, f"one number per trajectory for {name!r}", f"shape {tuple(column.shape)}", "condition on scalar coefficients")
        return torch.stack(columns, dim=1).float() if columns else torch.zeros(self.num_trajectories, 0)

    def scenario(self) -> Scenario:
        """The scenario that the file came from; builds classes of trusted packages only.

        Raises:
            DataFileError: the recipe names something else.
        """
        try:
            scenario = from_recipe(self.header.recipe, trusted=self.trusted)
        except (ValueError, TypeError) as error:
            raise DataFileError(self.path, "a recipe that can be rebuilt", f"{error}", "use the version of neuralpde that wrote it") from None
        if not isinstance(scenario, Scenario):
            raise DataFileError(self.path, "the recipe of a Scenario", f"{type(scenario).__name__}", "generate the file again")
        return scenario

    def draw(self, indices: Sequence[int] | Tensor) -> Draw:
        """The random choices behind some of the trajectories, drawn again from seed and index."""
        return self.scenario().draw(self.header.seed, [self.header.first + int(i) for i in indices], self.header.split)

    def fingerprint(self) -> str:
        """SHA-256 of the content: recipe, seed, split and every number; the same for a merged and a plain file."""
        digest = hashlib.sha256(json.dumps([self.header.origin(), self.num_trajectories], sort_keys=True).encode())
        for part in self.content():
            digest.update(part)
        return digest.hexdigest()

    def content(self, batch: int = 64) -> Iterator[bytes]:
        """Bytes of all data sets in a fixed order, a few trajectories at a time."""
        names = ["valid", *(f"coefficients/{name}" for name in self.coefficient_names), *(f"fields/{name}" for name in self.fields)]
        for name in names:
            dataset = self._dataset(name)
            yield f"{name} {dataset.shape} {dataset.dtype.str}".encode()
            for start in range(0, self.num_trajectories, batch):
                yield np.ascontiguousarray(dataset[start : start + batch]).tobytes()
