"""The files of a report: numbers, page and figures."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from neuralpde.evaluation.figures import error_against_time, error_over_time, field_panels, png, spectra
from neuralpde.evaluation.page import html_page
from neuralpde.evaluation.result import Result

__all__ = ["ReportFiles", "write_report"]


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
    folder = Path(folder)
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    images = _images(result)
    files = ReportFiles(folder / "metrics.json", folder / "report.html", {name: folder / "figures" / f"{name}.png" for name in images})
    _write(files.metrics, json.dumps(result.to_dict(), indent=1, allow_nan=False).encode())
    _write(files.page, html_page(result, {title: (image, caption) for image, title, caption in images.values()}).encode())
    for name, (image, _, _) in images.items():
        _write(files.figures[name], image)
    return files


def _images(result: Result) -> dict[str, tuple[bytes, str, str]]:
    drawn = {
        "error_against_time": (error_against_time(result), "Error against wall time", _BARS),
        "error_over_time": (error_over_time(result), "Error over time", "Median over trajectories; the band spans the quartiles of the network."),
        "fields": (field_panels(result), "Trajectories", "Reference and prediction share one colour scale; the error has its own. Error: accumulated error."),
        "spectra": (spectra(result), "Spectra", "Mean square per integer wavenumber shell, mean over trajectories and predicted frames."),
    }
    return {name: (png(figure), title, caption) for name, (figure, title, caption) in drawn.items() if figure is not None}


_BARS = (
    "Accumulated error (mean over trajectories; bars: quartiles) against wall time per trajectory, network and classical solver measured in the same run "
    "on the same machine in batches of the same size. Numbers beside the circles are points per axis; "
    "the run on the grid of the data repeats the solver that made the reference, so its error is close to zero by construction."
)


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    os.replace(partial, path)
