"""The report of a study of uncertainty: numbers, page, figures and what a terminal shows."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from neuralpde.evaluation.html import document, figure, pairs, paragraph, section, table
from neuralpde.evaluation.report import ReportFiles, rendered, write_files
from neuralpde.evaluation.table import number
from neuralpde.evaluation.uncertainty.figures import agreement_over_time, calibration, scatter
from neuralpde.evaluation.uncertainty.result import SourceResult, UncertaintyResult

__all__ = ["COLUMNS", "cells", "terminal_uncertainty", "write_uncertainty"]

COLUMNS = (
    "source",
    "samples",
    "r squared",
    "slope",
    "intercept",
    "mean gap",
    "used",
    "r squared of all",
    "averaged time",
    "of the mean",
    "spread / error low",
    "mid",
    "high",
)

TERMINAL_COLUMNS = ("source", "samples", "r squared", "slope", "mean gap", "used", "averaged time")
"""What fits into a terminal of 80 columns."""


def cells(source: SourceResult) -> list[str]:
    """The source's row as text; the bands of the calibration are those of the first predicted frame."""
    fit, count = source.fit, len(source.censored)
    line = ["n/a"] * 4 if fit is None else [number(value) for value in (fit.r_squared, fit.slope, fit.intercept, fit.mean_gap)]
    bands = [None] * 3 if source.calibration is None else source.calibration.bands[0]
    return [
        source.name,
        str(source.num_samples),
        *line,
        f"{count - sum(source.censored)} of {count}",
        "n/a" if source.fit_all is None else number(source.fit_all.r_squared),
        number(source.averaged_true_time),
        number(source.averaged_mean_time),
        *map(number, bands),
    ]


def terminal_uncertainty(result: UncertaintyResult) -> RenderableType:
    """Table, notes and definitions for a terminal; the caller prints it."""
    shown = [COLUMNS.index(name) for name in TERMINAL_COLUMNS]
    scores = Table(title=f"Uncertainty of {result.model} on {result.data}", header_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in TERMINAL_COLUMNS:
        scores.add_column(name, justify="left" if name == COLUMNS[0] else "right", overflow="fold")
    for source in result.sources:
        texts = cells(source)
        scores.add_row(*(Text(texts[k]) for k in shown))
    notes = [Text(note, style="yellow") for note in result.notes]
    differences = [Text(f"{source.name}: {source.definition}", style="dim") for source in result.sources]
    definitions = Text("\n".join(f"{name}: {text}" for name, text in result.definitions.items()), style="dim")
    return Group(scores, *notes, *differences, definitions)


def write_uncertainty(result: UncertaintyResult, folder: str | Path) -> ReportFiles:
    """Write ``metrics.json``, ``report.html`` and ``figures/*.png`` into ``folder``; each file appears complete or not at all."""
    images = rendered(
        {
            "scatter": (scatter(result), "Confidence against truth", _SCATTER),
            "agreement": (agreement_over_time(result), "Agreement over time", "Mean over trajectories; the dotted line is the threshold."),
            "calibration": (calibration(result), "Calibration by wavenumber", _CALIBRATION),
        }
    )
    return write_files(folder, result.to_dict(), images, lambda figures: _page(result, figures))


_SCATTER = (
    "Each dot is a trajectory: when its samples have parted from each other, and when they have parted from the reference. Hollow dots lived to the end of "
    "the rollout on one of the axes and are not part of the line."
)

_CALIBRATION = (
    "Variance of the samples (broken) and squared error of their mean (solid) per shell of wavenumbers, mean over trajectories, and the square root of their "
    "ratio with the factor 1 + 1/S for S samples: one is calibrated, below one over-confident."
)


def _page(result: UncertaintyResult, figures: Mapping[str, tuple[bytes, str]]) -> str:
    title = f"Uncertainty of {result.model} on {result.data}"
    body = [
        f"<h1>{escape(title)}</h1>",
        *map(paragraph, result.notes),
        section("Scores", table(COLUMNS, [("", cells(source)) for source in result.sources])),
        *(figure(name, image, caption) for name, (image, caption) in figures.items()),
        section("Sources", pairs({source.name: source.definition for source in result.sources})),
        section("Definitions", pairs(result.definitions)),
        section("Settings and environment", pairs({**result.settings, **result.environment})),
    ]
    return document(title, body)
