"""Finished blocks of trajectories on disk, from which a file is assembled.

Generation computes fixed blocks of consecutive indices, each of which becomes one file of its own as soon as it is done. A killed run
thus loses the blocks under way and nothing else, and there is no half-written HDF5 file to repair.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from neuralpde.data.recipe import to_recipe
from neuralpde.data.scenario import Scenario

__all__ = ["BlockStore", "write_atomically"]

log = logging.getLogger(__name__)

Arrays = dict[str, Any]
"""Arrays by name."""


@contextmanager
def write_atomically(path: Path, size: int = 1) -> Iterator[Path]:
    """A temporary path that becomes ``path`` if the block succeeds, on disk and at once; otherwise it is removed.

    The temporary name holds the process id, so that two processes that make the same file do not meet.

    Args:
        path: final name.
        size: bytes that will be needed about. They are reserved for a moment, because HDF5 cannot recover from a disk that fills up
            under it: handles stay open and fail again at every later chance.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
                file.truncate(0)
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


@dataclass(frozen=True, eq=False)
class BlockStore:
    """The blocks of one split.

    Args:
        scenario: what to solve.
        seed: seed of the draws.
        split: train, valid or test.
        target: the final file; the blocks lie beside it in a folder named after the recipe, so that an edited recipe finds none of them.
    """

    scenario: Scenario
    seed: int
    split: str
    target: Path

    @property
    def folder(self) -> Path:
        """Where the blocks lie."""
        origin = json.dumps([to_recipe(self.scenario), self.seed, self.split], sort_keys=True)
        return self.target.with_name(f"{self.target.stem}.blocks-{hashlib.sha256(origin.encode()).hexdigest()[:12]}")

    def path(self, block: int) -> Path:
        """File of a block."""
        return self.folder / f"block-{block:06d}.npz"

    def indices(self, block: int) -> range:
        """Trajectories of a block."""
        size = self.scenario.block_size
        return range(block * size, (block + 1) * size)

    def make(self, block: int) -> int:
        """Solve a block and write its file; returns its number."""
        arrays = self.compute(block)
        with write_atomically(self.path(block)) as part, part.open("wb") as file:
            np.savez(file, **arrays)
        return block

    def compute(self, block: int) -> Arrays:
        """Arrays of a block by their names in the final file."""
        draw = self.scenario.draw(self.seed, self.indices(block), self.split)
        with torch.no_grad(), _single_thread():
            try:
                frames = self.scenario.solve(draw)
            except (ValueError, ArithmeticError) as error:
                frames = self._solve_one_by_one(block, error)
        finite = frames.flatten(1).isfinite().all(dim=1)
        arrays = {f"coefficients/{name}": column.numpy() for name, column in draw.columns().items()}
        arrays |= {f"fields/{name}": frames[:, :, channel].float().numpy() for channel, name in enumerate(self.scenario.fields)}
        return {**arrays, "valid": finite.numpy()}

    def _solve_one_by_one(self, block: int, reason: Exception) -> Tensor:
        """A solver that refuses a batch because of one trajectory must not take the others with it; the refused one becomes NaN.

        Raises:
            ValueError: the solver refuses every trajectory, so the settings are at fault.
        """
        solved: dict[int, Tensor] = {}
        for index in self.indices(block):
            try:
                solved[index] = self.scenario.solve(self.scenario.draw(self.seed, [index], self.split))
            except (ValueError, ArithmeticError) as error:
                log.warning("trajectory %d of %s: %s", index, self.target, error)
        if not solved:
            raise ValueError(f"trajectories {self.indices(block)[0]} to {self.indices(block)[-1]} of {self.target}: {reason}") from reason
        missing = torch.full_like(next(iter(solved.values())), torch.nan)
        return torch.cat([solved.get(index, missing) for index in self.indices(block)])

    def load(self, block: int) -> Arrays:
        """Read a block; the archive's checksums are verified."""
        with self.path(block).open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}

    def intact(self, block: int) -> bool:
        """Whether the block is there and readable; a damaged one is removed."""
        try:
            self.load(block)
        except FileNotFoundError:
            return False
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            self.path(block).unlink(missing_ok=True)
            return False
        return True

    def remove(self, blocks: range) -> None:
        """Remove blocks, and the folder once it is empty."""
        for block in blocks:
            self.path(block).unlink(missing_ok=True)
        if self.folder.is_dir() and not any(self.folder.glob("block-*.npz")):
            shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def _single_thread() -> Iterator[None]:
    """One thread for torch: the result of a reduction may depend on how it is shared out."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
