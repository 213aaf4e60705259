"""How every figure of a report looks, without touching matplotlib's global settings."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from neuralpde.evaluation.result import Method, Result

__all__ = ["Line", "canvas", "legend", "lines", "logarithmic", "png", "positive", "tidy"]

NETWORK = "#1457b8"
RIVALS = ("#1a7f37", "#8250df", "#bf3989", "#0a7ea4", "#6e5494")
CLASSICAL = ("#7a2e00", "#b34700", "#e06c10", "#f2953f", "#f7b977", "#fad7ac")
BASELINE = "#7d8590"
BASELINE_STYLES = ("--", ":", "-.")

SETTINGS: dict[Any, Any] = {
    "font.size": 10.0,
    "axes.titlesize": 10.5,
    "axes.labelsize": 10.0,
    "axes.edgecolor": "#57606a",
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#d8dee4",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}


@dataclass(frozen=True)
class Line:
    """How one method is drawn in every figure."""

    method: Method
    color: str
    style: str
    width: float
    order: float


def lines(result: Result) -> tuple[Line, ...]:
    """Network blue and on top, other networks below it, classical runs in oranges from fine (dark) to coarse (light), baselines grey and broken."""
    classical, baselines = result.of_kind("classical"), result.of_kind("baseline")
    shades = [CLASSICAL[min(i, len(CLASSICAL) - 1)] for i in range(len(classical))]
    return (
        *(Line(m, BASELINE, BASELINE_STYLES[i % 3], 1.2, 2.0) for i, m in enumerate(baselines)),
        *(Line(m, shade, "-", 1.4, 3.0) for m, shade in zip(classical, shades, strict=True)),
        *(Line(m, RIVALS[i % len(RIVALS)], "-", 1.8, 3.5) for i, m in enumerate(result.of_kind("network")[1:])),
        Line(result.network, NETWORK, "-", 2.4, 4.0),
    )


@contextmanager
def canvas(width: float, height: float) -> Iterator[Figure]:
    """A figure of that size in inches with our settings; no window, no global state after leaving."""
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        yield figure


def legend(figure: Figure, axes: Axes) -> None:
    """One legend of the curves of ``axes`` below the figure, in as many columns as its names leave room for."""
    handles, names = axes.get_legend_handles_labels()
    if names:
        letters = 12 * figure.get_figwidth()  # of the legend's font size; the handle of an entry takes the width of five
        figure.legend(handles, names, loc="outside lower center", ncols=max(1, int(letters // (5 + max(map(len, names))))))


def tidy(axes: Axes, *, title: str, xlabel: str, ylabel: str) -> None:
    """Title at the left, labels on both axes."""
    axes.set_title(title, loc="left", fontweight="bold")
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)


def png(figure: Figure, *, dpi: int = 150) -> bytes:
    """The figure as PNG; no date or version inside, so equal figures are equal bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()


def logarithmic(axes: Axes, *, x: bool = False) -> None:
    """Logarithmic y axis, and x axis if asked, unless nothing drawn so far is positive, which matplotlib refuses."""
    if any(np.any(np.asarray(line.get_ydata(), dtype=float) > 0) for line in axes.lines):
        axes.set_yscale("log")
        if x:
            axes.set_xscale("log")


def positive(values: Sequence[float | None]) -> list[float]:
    """Values for a logarithmic axis: what is missing or not positive becomes a gap."""
    return [float("nan") if v is None or v <= 0 else v for v in values]
