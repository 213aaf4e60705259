"""Error of every method along the rollout."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuralpde.evaluation.figures.canvas import Line, canvas, legend, lines, logarithmic, positive, tidy
from neuralpde.evaluation.result import Result

__all__ = ["error_over_time"]

PANELS = (("mean_squared_error", "Error along the rollout", "mean squared error, median"), ("relative_l2", "Relative error", "relative L2 error, median"))


def error_over_time(result: Result) -> Figure:
    """Mean squared and relative error (log) against time; median over trajectories, quartiles shaded for the network.

    A trajectory that diverged ranks as the worst, so that a curve ends where half of them have.
    """
    with canvas(9.5, 3.8) as figure:
        panels = figure.subplots(1, 2)
        for axes, (name, title, label) in zip(panels, PANELS, strict=True):
            for line in lines(result):
                _draw(axes, result.times, line, name)
            logarithmic(axes)
            tidy(axes, title=title, xlabel="time (s)", ylabel=label)
        legend(figure, panels[0])
        return figure


def _draw(axes: Axes, times: list[float], line: Line, name: str) -> None:
    curve = line.method.curves[name]
    axes.plot(times, positive(curve.median), color=line.color, ls=line.style, lw=line.width, zorder=line.order, label=line.method.name)
    if line.method.is_network:
        axes.fill_between(times, positive(curve.lower_quartile), positive(curve.upper_quartile), color=line.color, alpha=0.18, lw=0, zorder=1)
