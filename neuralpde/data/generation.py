"""A scenario → one file: in blocks, over processes, resumable after anything."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import torch

from neuralpde.data.assembly import assemble, merge
from neuralpde.data.blocks import BlockStore
from neuralpde.data.progress import progress_bar
from neuralpde.data.scenario import Scenario
from neuralpde.data.schema import DataFileError, Header
from neuralpde.data.shards import Shard
from neuralpde.data.trajectory_file import TrajectoryFile

__all__ = ["check_origin", "generate"]

log = logging.getLogger(__name__)

WORTH_PROCESSES = 20.0
"""Seconds of remaining work from which on processes are started; each needs some seconds to import its packages."""


def generate(
    scenario: Scenario,
    path: str | Path,
    *,
    size: int,
    split: str = "train",
    seed: int = 0,
    shard: Shard | None = None,
    workers: int | None = None,
) -> Path:
    """Make the file ``path`` of a scenario, or its part ``shard``, unless it is there already.

    The content depends on ``(scenario, seed, split)`` and the index of each trajectory; the bytes of the file are the same for any
    number of workers and after any number of interruptions. Finished blocks wait beside the file and are used by the next call. Once
    all shards are there, the call merges them into ``path``.

    A trajectory that is not finite is marked as invalid and named in a warning.

    Args:
        scenario: what to solve.
        path: the file.
        size: number of trajectories of the whole file.
        split: train, valid or test.
        seed: seed of the draws.
        shard: part to make; None for everything.
        workers: processes; 0 for this process alone, None for one per core if the work is worth their start-up. Processes are spawned,
            so a script that uses them needs the usual ``if __name__ == "__main__"``.

    Returns:
        The file, or the shard's file as long as others are missing.

    Raises:
        DataFileError: a file of another recipe or size lies at ``path``.
        FloatingPointError: no trajectory is finite.
        OSError: the disk is full or cannot be written; finished blocks are kept.
    """
    path, shard = Path(path), shard or Shard()
    if not path.exists() and not Shard.complete(path):
        _make_part(scenario, path, size=size, split=split, seed=seed, shard=shard, workers=workers)
    if not path.exists() and Shard.complete(path):
        merge(Shard.complete(path), path)
    if not path.exists():
        return shard.path(path)
    check_origin(TrajectoryFile(path), Header.of(scenario, seed=seed, split=split, num_trajectories=size))
    return path


def check_origin(file: TrajectoryFile, expected: Header) -> None:
    """Raise DataFileError unless the file holds the trajectories that ``expected`` describes."""
    found = file.header
    differing = list(_differences(expected.origin(), found.origin()))
    if differing:
        wanted, there = ("; ".join(f"{name} {pair[side]}" for name, *pair in differing) for side in (0, 1))
        raise DataFileError(file.path, wanted, there, "remove the file, or choose another `name` or `root` for the new data")
    if found.num_trajectories != expected.num_trajectories:
        advice = f"set `sizes.{found.split}` to what the file holds, or remove it"
        raise DataFileError(file.path, f"{expected.num_trajectories} trajectories", f"{found.num_trajectories}", advice)


def _differences(wanted: Any, found: Any, name: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Leaves in which two plain trees differ, with their dotted names."""
    if isinstance(wanted, dict) and isinstance(found, dict) and wanted.get("_target_") == found.get("_target_"):
        for key in sorted({*wanted, *found}):
            yield from _differences(wanted.get(key), found.get(key), f"{name}.{key}" if name else key)
    elif wanted != found:
        yield name, wanted, found


def _make_part(scenario: Scenario, path: Path, *, size: int, split: str, seed: int, shard: Shard, workers: int | None) -> None:
    target = shard.path(path)
    if target.exists():
        return
    store = BlockStore(scenario, seed, split, target)
    blocks = shard.blocks(-(-size // scenario.block_size))
    first = blocks.start * scenario.block_size
    header = Header.of(scenario, seed=seed, split=split, num_trajectories=min(blocks.stop * scenario.block_size, size) - first, first=first)
    try:
        store.folder.mkdir(parents=True, exist_ok=True)
        _make_blocks(store, blocks, workers, f"{path.parent.name}/{target.stem}")
        _report_diverged(store, blocks, size)
        assemble(header, store, blocks, target)
    except OSError as error:
        if target.exists():  # another process was faster and has cleaned up
            return
        kept = sum(store.path(block).exists() for block in blocks)
        cause = os.strerror(error.errno) if error.errno else " ".join(str(error).split())
        raise OSError(
            error.errno,
            f"generate: could not write {target} ({cause}); make room or choose another root; {kept} of {len(blocks)} finished blocks are kept in "
            f"{store.folder} and the same command continues",
        ) from error
    store.remove(blocks)


def _make_blocks(store: BlockStore, blocks: range, workers: int | None, description: str) -> None:
    missing = [block for block in blocks if not store.intact(block)]
    with progress_bar(description, len(blocks), len(blocks) - len(missing)) as advance:
        if workers is None and missing:
            start = time.monotonic()
            store.make(missing.pop(0))
            advance()
            workers = _cores() if (time.monotonic() - start) * len(missing) > WORTH_PROCESSES else 0
        workers = min(workers or 0, len(missing))
        done = map(store.make, missing) if workers < 2 else _in_processes(store.make, missing, workers)
        for _ in done:
            advance()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_processes(make: Callable[[int], int], blocks: Iterable[int], workers: int) -> Iterator[int]:
    """Run ``make`` over processes; yields as blocks finish, and stops handing out blocks at the first error."""
    context = multiprocessing.get_context("spawn")  # a fork of a process that has used threads may hang
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker) as pool:
        pending = {pool.submit(make, block) for block in blocks}
        try:
            while pending:
                finished, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield future.result()
        except BrokenProcessPool as error:
            raise OSError(None, "a worker process ended unexpectedly: out of memory, killed, or a script without `if __name__ == '__main__'`") from error
        finally:
            pool.shutdown(cancel_futures=True)


def _start_worker() -> None:
    torch.set_num_threads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Without this, workers of a killed parent would wait for work forever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _report_diverged(store: BlockStore, blocks: range, size: int) -> None:
    diverged: list[int] = []
    for block in blocks:
        finite = store.load(block)["valid"]
        diverged += [index for index, good in zip(store.indices(block), finite, strict=True) if not good and index < size]
    total = min(store.indices(blocks[-1]).stop, size) - store.indices(blocks[0]).start
    if len(diverged) == total:
        store.remove(blocks)
        raise FloatingPointError(
            f"generate: expected finite trajectories in {store.target}, got none of {total}; take a smaller solver step or milder coefficients."
        )
    if diverged:
        log.warning("%s: %d of %d trajectories diverged and are marked invalid: %s", store.target, len(diverged), total, ", ".join(map(str, diverged)))
