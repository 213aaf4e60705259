"""Progress of generation on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

__all__ = ["progress_bar"]


@contextmanager
def progress_bar(description: str, total: int, completed: int = 0) -> Iterator[Callable[[], None]]:
    """A bar on stderr with time left; yields a function that advances it by one.

    Args:
        description: what is made.
        total: number of blocks.
        completed: blocks that an earlier run has finished.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("blocks"), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(f"generating {description}", total=total, completed=completed)
        yield lambda: progress.advance(task)
