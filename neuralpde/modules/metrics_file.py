"""One CSV file with everything that a run logged, continued when the run is."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers.logger import Logger
from lightning.pytorch.utilities.rank_zero import rank_zero_only

__all__ = ["MetricsFile"]

Row = dict[str, str]


class MetricsFile(Logger):
    """Logger that appends to ``<folder>/metrics.csv``: one row per step, one column per quantity, empty where nothing was logged.

    A resumed run goes on in the same file; rows of steps that it makes again are dropped first, so every step stands there once.

    Args:
        folder: where the file lies.
        flush_every: rows kept in memory before they are written.

    Limits: local file systems; one process writes (rank zero).
    """

    def __init__(self, folder: str, flush_every: int = 20) -> None:
        super().__init__()
        self.path = Path(folder) / "metrics.csv"
        self._flush_every = flush_every
        self._pending: list[Row] = []
        self._columns, self._last_step = self._read_header()
        self._appendable = False  # the last line of an older file may have been cut by a kill

    @property
    def name(self) -> str:
        """Name of the run, that of its folder."""
        return self.path.parent.name

    @property
    def version(self) -> str:
        """Empty: a run has one file."""
        return ""

    @property
    def save_dir(self) -> str:
        """The run's folder."""
        return str(self.path.parent)

    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        """Nothing: the run's folder holds its config already."""

    @rank_zero_only
    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """Add a row, or fill up the present one if the step is the same."""
        step = self._last_step + 1 if step is None else step
        row = {"step": str(step), **{name: repr(float(value)) for name, value in metrics.items()}}
        if self._pending and self._pending[-1]["step"] == row["step"]:
            self._pending[-1].update(row)
            return
        if step <= self._last_step:
            self._drop_from(step)
        self._pending.append(row)
        self._last_step = step
        if len(self._pending) > self._flush_every:
            self.save()

    @rank_zero_only
    def save(self) -> None:
        """Write the rows in memory except the last, which the same step may still add to."""
        self._write(self._pending[:-1])
        self._pending = self._pending[-1:]

    @rank_zero_only
    def finalize(self, status: str) -> None:
        """Write what is left, whatever the outcome."""
        self._write(self._pending)
        self._pending = []

    def _write(self, rows: list[Row]) -> None:
        """Append rows; the file is replaced as a whole when columns are added."""
        fresh = list(dict.fromkeys(name for row in rows for name in row if name not in self._columns))
        if fresh or not self._appendable:
            written = self._read_rows()
            self._columns += fresh
            self._rewrite([*written, *rows])
        elif rows:
            with self.path.open("a", newline="") as file:
                csv.DictWriter(file, self._columns).writerows(rows)

    def _drop_from(self, step: int) -> None:
        self.finalize("resumed")
        kept = [row for row in self._read_rows() if int(row["step"]) < step]
        self._rewrite(kept)

    def _read_header(self) -> tuple[list[str], int]:
        rows = self._read_rows()
        return (list(rows[0]), max(int(row["step"]) for row in rows)) if rows else ([], -1)

    def _read_rows(self) -> list[Row]:
        if not self.path.exists():
            return []
        with self.path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        return [row for row in rows if row["step"] and None not in row.values()]  # a kill may have cut the last line

    def _rewrite(self, rows: list[Row]) -> None:
        buffer = io.StringIO(newline="")
        writer = csv.DictWriter(buffer, self._columns)
        writer.writeheader()
        writer.writerows(rows)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(".csv.partial")
        temporary.write_text(buffer.getvalue(), newline="")
        os.replace(temporary, self.path)
        self._appendable = True
