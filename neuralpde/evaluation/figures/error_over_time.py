"""Error of every method along the rollout."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuralpde.evaluation.figures.canvas import Line, canvas, lines, logarithmic, positive, tidy
from neuralpde.evaluation.result import Result

__all__ = ["error_over_time"]


def error_over_time(result: Result) -> Figure:
    """Mean squared error (log) and Pearson correlation against time; median over trajectories, quartiles shaded for the network."""
    with canvas(9.5, 3.8) as figure:
        left, right = figure.subplots(1, 2)
        for line in lines(result):
            _draw(left, result.times, line, "mean_squared_error", logarithmic=True)
            _draw(right, result.times, line, "pearson", logarithmic=False)
        logarithmic(left)
        right.set_ylim(top=1.02)
        tidy(left, title="Error along the rollout", xlabel="time (nondimensional)", ylabel="mean squared error, median")
        tidy(right, title="Correlation along the rollout", xlabel="time (nondimensional)", ylabel="Pearson correlation, median")
        figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4)
        return figure


def _draw(axes: Axes, times: list[float], line: Line, name: str, *, logarithmic: bool) -> None:
    curve = line.method.curves[name]
    clean = positive if logarithmic else _gaps
    axes.plot(times, clean(curve.median), color=line.color, ls=line.style, lw=line.width, zorder=line.order, label=line.method.name)
    if line.method.kind == "network":
        axes.fill_between(times, clean(curve.lower_quartile), clean(curve.upper_quartile), color=line.color, alpha=0.18, lw=0, zorder=1)


def _gaps(values: list[float | None]) -> list[float]:
    return [float("nan") if v is None else v for v in values]
