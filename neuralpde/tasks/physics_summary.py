"""What is reported of a physics-informed training."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lightning.pytorch import Trainer
from rich.table import Table
from typing_extensions import Self

from neuralpde.evaluation import environment
from neuralpde.modules import effort

__all__ = ["PhysicsSummary", "summary_table", "write_summary"]


@dataclass(frozen=True)
class PhysicsSummary:
    """Scores of a run, in plain types.

    Args:
        name: of the run.
        final: ``relative_l2``, ``trivial`` and ``skill`` of the last weights.
        best: the same of the weights with the lowest error at any scoring. Published tables of this kind often show this one.
        steps: optimiser steps.
        seconds: training time, all resumed parts together; 0 if it was not measured.
        command: what was run.
        environment: hardware, threads, load and versions.
    """

    name: str
    final: Mapping[str, float]
    best: Mapping[str, float]
    steps: int
    seconds: float
    command: str
    environment: Mapping[str, Any]

    @classmethod
    def of(cls, name: str, trainer: Trainer, *, final: Mapping[str, float], best: Mapping[str, float], command: str) -> Self:
        """Collect what a trainer knows after a fit."""
        spent = effort(trainer, command)
        return cls(name, final, best, spent.steps, spent.seconds, command, environment(trainer.strategy.root_device))


def write_summary(summary: PhysicsSummary, folder: Path) -> None:
    """Write ``summary.json``, whole or not at all."""
    partial = folder / "summary.json.partial"
    partial.write_text(json.dumps(asdict(summary), indent=1) + "\n", encoding="utf-8")
    os.replace(partial, folder / "summary.json")


def summary_table(summary: PhysicsSummary) -> Table:
    """Two rows, last and best weights."""
    table = Table(title=f"{summary.name}: {summary.steps} steps, {summary.seconds:.0f} s")
    for column in ("weights", "relative L2", "trivial", "skill = error / trivial"):
        table.add_column(column, justify="left" if column == "weights" else "right")
    for weights, scores in (("last", summary.final), ("best", summary.best)):
        table.add_row(weights, *(f"{scores[key]:.3g}" for key in ("relative_l2", "trivial", "skill")))
    return table
