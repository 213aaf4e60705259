"""The files of a report: numbers, page and figures."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from neuralpde.evaluation.figures import correlation_over_time, error_against_time, error_over_time, hovmoller, one_step_error, png, snapshots, spectra
from neuralpde.evaluation.page import html_page
from neuralpde.evaluation.result import Result

__all__ = ["Images", "ReportFiles", "rendered", "write_files", "write_report"]

Images = dict[str, tuple[bytes, str, str]]
"""By file name: a PNG, its title and its caption."""


@dataclass(frozen=True)
class ReportFiles:
    """Where a report lies.

    Args:
        metrics: every number, JSON.
        page: the readable report, one HTML file.
        figures: the figures of the page as PNG files, by name.
    """

    metrics: Path
    page: Path
    figures: dict[str, Path]


def write_report(result: Result, folder: str | Path) -> ReportFiles:
    """Write ``metrics.json``, ``report.html`` and ``figures/*.png`` into ``folder``; each file appears complete or not at all.

    Args:
        result: an evaluation.
        folder: created if missing; files of an earlier report are replaced.
    """
    return write_files(folder, result.to_dict(), _images(result), lambda figures: html_page(result, figures))


def write_files(folder: str | Path, numbers: dict[str, Any], images: Images, page: Callable[[Mapping[str, tuple[bytes, str]]], str]) -> ReportFiles:
    """Write the files of any report.

    Args:
        folder: created if missing.
        numbers: plain types that JSON can hold.
        images: by file name: the PNG, its title and its caption.
        page: makes the page of the figures, by title, with their captions.
    """
    folder = Path(folder)
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    files = ReportFiles(folder / "metrics.json", folder / "report.html", {name: folder / "figures" / f"{name}.png" for name in images})
    _write(files.metrics, json.dumps(numbers, indent=1, allow_nan=False).encode())
    _write(files.page, page({title: (image, caption) for image, title, caption in images.values()}).encode())
    for name, (image, _, _) in images.items():
        _write(files.figures[name], image)
    return files


def _images(result: Result) -> Images:
    drawn = {
        "correlation_over_time": (correlation_over_time(result), "Correlation over time", _CORRELATION),
        "error_against_time": (error_against_time(result), "Error against wall time", _BARS),
        "error_over_time": (error_over_time(result), "Error over time", "Median over trajectories; the band spans the quartiles of the network."),
        "hovmoller": (hovmoller(result), "Trajectories", f"{_SCALES} The broken line marks where the trajectory's correlation first falls below 0.8."),
        "snapshots": (snapshots(result), "Snapshots", _SCALES),
        "spectra": (spectra(result), "Spectra", "Mean square per integer wavenumber shell, mean over trajectories and predicted frames."),
        "one_step": (one_step_error(result), "Spectra of one step", _ONE_STEP),
    }
    return rendered(drawn)


def rendered(drawn: Mapping[str, tuple[Figure | None, str, str]]) -> Images:
    """The figures that exist as PNG, by file name, with title and caption."""
    return {name: (png(figure), title, caption) for name, (figure, title, caption) in drawn.items() if figure is not None}


_CORRELATION = (
    "Mean over trajectories; the band spans the quartiles of the network. Horizontal lines are thresholds, vertical ones the last frames before the averaged "
    "correlation of the network falls below them, in the time unit of the equation (s), by the mean step of the test set."
)

_SCALES = "Reference and prediction share a colour scale set by the reference; the error has its own. Error: accumulated error."

_ONE_STEP = (
    "First predicted frame, mean magnitude of the unnormalised FFT over the modes of a shell, trajectories and channels; for a model that refines its "
    "prediction, after each of its passes. Where an error reaches the reference, nothing of that wavenumber is predicted."
)

_BARS = (
    "Accumulated error (mean over trajectories; bars: quartiles) against wall time per trajectory, network and classical solver measured in the same run "
    "on the same machine in batches of the same size. Numbers beside the circles are points per axis; "
    "a run on the grid on which the data were solved repeats what made the reference, so its error is close to zero by construction."
)


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    os.replace(partial, path)
