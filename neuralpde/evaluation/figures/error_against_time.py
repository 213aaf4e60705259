"""Accuracy against cost: where the network stands beside the classical solver."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuralpde.evaluation.figures.canvas import BASELINE, CLASSICAL, Line, canvas, legend, lines, positive, tidy
from neuralpde.evaluation.result import Method, Result

__all__ = ["error_against_time"]


def error_against_time(result: Result) -> Figure | None:
    """Accumulated error against wall time per trajectory, both logarithmic; bars span the quartiles over trajectories.

    Lower left is better. Baselines cost nothing and are drawn as levels. None if no timed method has a finite error.
    """
    if not any(_drawable(method) for method in result.methods):
        return None
    with canvas(6.4, 4.3) as figure:
        axes = figure.subplots()
        drawn = lines(result)
        _classical(axes, [m for m in result.of_kind("classical") if _drawable(m)])
        for line in drawn:
            if line.method.is_network and _drawable(line.method):
                _point(axes, line.method, line.color, "*", 17)
                axes.annotate(line.method.name, _place(line.method), xytext=(9, 5), textcoords="offset points", color=line.color, fontweight="bold")
        for line in drawn:
            if line.method.kind == "baseline" and _positive(line.method.error):
                _level(axes, line)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.margins(x=0.16, y=0.12)
        legend(figure, axes)
        tidy(axes, title="Error against wall time (lower left is better)", xlabel="wall time per trajectory (s)", ylabel="accumulated error")
        return figure


def _positive(value: float | None) -> bool:
    return value is not None and math.isfinite(value) and value > 0


def _drawable(method: Method) -> bool:
    return method.timing is not None and _positive(method.error)


def _place(method: Method) -> tuple[float, float]:
    assert method.timing is not None
    return method.timing.seconds_per_trajectory, method.error


def _point(axes: Axes, method: Method, color: str, marker: str, size: float) -> None:
    time, error = _place(method)
    score = method.scores["accumulated_error"]
    bar = positive([score.lower_quartile, score.upper_quartile])
    axes.plot([time, time], bar, color=color, lw=1.2, alpha=0.55)
    axes.plot([time], [error], marker=marker, ms=size, color=color, mec="white", mew=0.8, ls="none", zorder=4)


def _classical(axes: Axes, methods: list[Method]) -> None:
    axes.plot([_place(m)[0] for m in methods], [m.error for m in methods], color=CLASSICAL[2], lw=1.0, alpha=0.6, zorder=2)
    for method in methods:
        _point(axes, method, CLASSICAL[1], "o", 8)
        axes.annotate("×".join(map(str, method.shape)), _place(method), xytext=(7, 5), textcoords="offset points", color=CLASSICAL[1], fontsize=8.5)
    if methods:
        axes.plot([], [], color=CLASSICAL[1], marker="o", label="classical solver, points per axis")


def _level(axes: Axes, line: Line) -> None:
    axes.axhline(line.method.error, color=BASELINE, ls=line.style, lw=1.2, zorder=1, label=line.method.name)
