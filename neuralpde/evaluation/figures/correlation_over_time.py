"""How long every method stays with the truth: the averaged correlation and where it crosses the thresholds."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuralpde.evaluation.figures.canvas import NETWORK, Line, canvas, legend, lines, tidy
from neuralpde.evaluation.result import Method, Result

__all__ = ["correlation_over_time"]

THRESHOLDS = ((0.8, "--"), (0.9, ":"))
BOTTOM = -0.1


def correlation_over_time(result: Result) -> Figure:
    """Correlation averaged over trajectories against time, of the vorticity where there is one; the quartiles are shaded for the network.

    Horizontal lines are the thresholds 0.8 and 0.9, vertical ones the last frames before the curve of the network falls below them: the
    scores ``averaged_correlation_time``. Time counts from the last given frame, as in the scores. A curve ends where a trajectory has no
    correlation, because it diverged or because the field is constant.
    """
    curve, score, label = _names(result.network)
    elapsed = [result.step * (k + 1) for k in range(len(result.times))]
    with canvas(7.6, 4.2) as figure:
        axes = figure.subplots()
        for line in lines(result):
            _draw(axes, elapsed, line, curve)
        for threshold, style in THRESHOLDS:
            axes.axhline(threshold, color="#57606a", ls=style, lw=1.0, zorder=1)
            _crossing(axes, result.network.set_scores[f"{score}_{threshold:g}"], elapsed[-1], threshold, style)
        axes.set_ylim(BOTTOM, 1.02)
        tidy(axes, title="Correlation along the rollout", xlabel="time since the last given frame (s)", ylabel=label)
        legend(figure, axes)
        return figure


def _names(network: Method) -> tuple[str, str, str]:
    if "vorticity_correlation" in network.curves:
        return "vorticity_correlation", "averaged_vorticity_correlation_time", "correlation of the vorticity, mean"
    return "pearson", "averaged_correlation_time", "Pearson correlation, mean"


def _draw(axes: Axes, times: list[float], line: Line, name: str) -> None:
    if name not in line.method.curves:
        return
    curve = line.method.curves[name]
    if all(value is None for value in curve.mean):
        return  # a constant field has no correlation anywhere; an empty entry in the legend would promise a curve
    axes.plot(times, _gaps(curve.mean), color=line.color, ls=line.style, lw=line.width, zorder=line.order, label=line.method.name)
    if line.method.is_network:
        axes.fill_between(times, _gaps(curve.lower_quartile), _gaps(curve.upper_quartile), color=line.color, alpha=0.18, lw=0, zorder=1)


def _crossing(axes: Axes, seconds: float | None, end: float, threshold: float, style: str) -> None:
    if seconds is None or seconds > end * (1 - 1e-9):
        return  # the rollout ended first
    axes.plot([seconds] * 2, [BOTTOM, threshold], color=NETWORK, ls=style, lw=1.2, zorder=3)
    axes.annotate(f"{seconds:.3g} s", (seconds, BOTTOM + 0.02), xytext=(3, 0), textcoords="offset points", color=NETWORK, fontsize=8.5, rotation=90)


def _gaps(values: list[float | None]) -> list[float]:
    return [float("nan") if v is None else v for v in values]
