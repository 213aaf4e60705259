"""Making the final file: from blocks, or from shards."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

from neuralpde.data.blocks import BlockStore, write_atomically
from neuralpde.data.schema import DataFileError, Header
from neuralpde.data.trajectory_file import TrajectoryFile

__all__ = ["assemble", "merge"]

CHUNK_FRAMES = 25
"""Most frames in a chunk: about a training window."""

CHUNK_BYTES = 1 << 18
"""Size that a chunk should not exceed."""


def chunk_shape(header: Header) -> tuple[int, ...]:
    """Chunks of some frames of one trajectory: small enough for random windows, large enough for reading everything."""
    frame = 4 * header.grid.num_points
    return (1, max(1, min(header.num_frames, CHUNK_FRAMES, CHUNK_BYTES // frame)), *header.grid.shape)


def assemble(header: Header, store: BlockStore, blocks: range, path: Path) -> None:
    """Write the file ``path`` from finished blocks; the last block is cut where the file ends.

    The bytes depend on the blocks alone: no time stamps, and always the same order of writing.
    """
    size = 4 * len(header.fields) * math.prod(header.shape())
    with write_atomically(path, size + size // 50) as part, h5py.File(part, "w", libver="v110") as file:
        header.write(file)
        datasets: dict[str, h5py.Dataset] = {}
        for number, block in enumerate(blocks):
            start = number * store.scenario.block_size
            arrays = store.load(block)
            for name, values in sorted(arrays.items()):
                if number == 0:
                    datasets[name] = _create(file, name, values, header)
                datasets[name][start : start + len(values)] = values[: header.num_trajectories - start]


def _create(file: h5py.File, name: str, values: np.ndarray, header: Header) -> h5py.Dataset:
    is_field = name.startswith("fields/")
    shape = (header.num_trajectories, *values.shape[1:])
    dataset = file.create_dataset(name, shape, values.dtype, chunks=chunk_shape(header) if is_field else None, track_times=False)
    if is_field:
        _describe(dataset, header)
    return dataset


def _describe(dataset: h5py.Dataset, header: Header) -> None:
    """Flags in the words of The Well."""
    dataset.attrs["sample_varying"] = True
    dataset.attrs["time_varying"] = True
    dataset.attrs["dim_varying"] = np.ones(header.grid.ndim, dtype=bool)


def merge(shards: Sequence[Path], path: Path) -> None:
    """Write ``path`` as a view of shard files: fields are virtual data sets, everything else is copied.

    The shards stay where they are and must not be removed; folder and shards can be moved together.

    Raises:
        DataFileError: the shards do not follow each other or have different recipes.
    """
    files = [TrajectoryFile(shard) for shard in shards]
    headers = [file.header for file in files]
    _check_sequence(headers, shards)
    header = dataclasses.replace(headers[0], num_trajectories=sum(h.num_trajectories for h in headers))
    with write_atomically(path) as part, h5py.File(part, "w", libver="v110") as file:
        header.write(file)
        for name in files[0].coefficient_names:
            file.create_dataset(f"coefficients/{name}", data=np.concatenate([f.column(name).numpy() for f in files]), track_times=False)
        valid = np.zeros(header.num_trajectories, dtype=bool)
        for shard in files:
            valid[shard.header.first + shard.valid().numpy()] = True
        file.create_dataset("valid", data=valid, track_times=False)
        for name in header.fields:
            _describe(file.create_virtual_dataset(f"fields/{name}", _layout(name, header, headers, shards)), header)
    for shard in files:
        shard.close()


def _layout(name: str, header: Header, headers: Sequence[Header], shards: Sequence[Path]) -> h5py.VirtualLayout:
    layout = h5py.VirtualLayout(header.shape(), np.float32)
    for h, shard in zip(headers, shards, strict=True):
        layout[h.first : h.first + h.num_trajectories] = h5py.VirtualSource(shard.name, f"fields/{name}", h.shape(), np.float32)
    return layout


def _check_sequence(headers: Sequence[Header], shards: Sequence[Path]) -> None:
    first = 0
    for header, shard in zip(headers, shards, strict=True):
        if header.origin() != headers[0].origin():
            raise DataFileError(shard, f"the recipe, seed and split of {shards[0].name}", "others", "generate all shards with one config")
        if header.first != first:
            raise DataFileError(shard, f"trajectories from index {first} on", f"index {header.first}", "generate all shards with one size and block_size")
        first += header.num_trajectories
