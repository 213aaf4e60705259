"""Space–time diagrams of single trajectories in one dimension."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from neuralpde.evaluation.figures.canvas import canvas
from neuralpde.evaluation.figures.colours import MAP, limits
from neuralpde.evaluation.result import Example, Result
from neuralpde.metrics import correlation_time, pearson

__all__ = ["example_times", "example_title", "hovmoller", "parting_time"]

ROWS = ("reference", "prediction", "prediction − reference")
THRESHOLD = 0.8


def hovmoller(result: Result, *, channel: int = 0) -> Figure | None:
    """Reference, prediction and error of the chosen trajectories over time (horizontal) and space; None unless in one dimension.

    One column for each trajectory. Reference and prediction share a colour scale set by the reference; the error has its own. A broken line
    marks where the correlation of that trajectory first falls below 0.8.

    Args:
        result: an evaluation with examples.
        channel: which field.
    """
    domain = result.domain
    if domain is None or domain.ndim != 1 or not result.examples:
        return None
    x = domain.points()[:, 0].numpy()
    order = np.argsort(x)
    with canvas(3.4 * len(result.examples) + 0.4, 5.6) as figure:
        panels = figure.subplots(3, len(result.examples), sharex="col", sharey=True, squeeze=False)
        for column, example in zip(panels.T, result.examples, strict=True):
            _column(figure, column, result, example, x[order], order, channel)
        for axes, row in zip(panels[:, 0], ROWS, strict=True):
            axes.set_ylabel(f"{row}\nx")
        figure.suptitle(f"Field {result.settings['fields'][channel]}", x=0.01, ha="left", fontweight="bold")
        return figure


def _column(figure: Figure, column: NDArray, result: Result, example: Example, x: NDArray, order: NDArray, channel: int) -> None:
    times = example_times(result, example)
    ref, pred = (u[:, channel].numpy()[:, order].T for u in (example.ref, example.pred))
    size, error_size = limits(ref, pred)
    images = []
    for axes, values, limit in zip(column, (ref, pred, pred - ref), (size, size, error_size), strict=True):
        images.append(axes.pcolormesh(times, x, values, cmap=MAP, vmin=-limit, vmax=limit, shading="nearest", rasterized=True))
        axes.grid(False)
    figure.colorbar(images[0], ax=list(column[:2]), pad=0.02)
    figure.colorbar(images[2], ax=column[2], pad=0.02)
    parting = parting_time(result, example)
    if parting is not None:
        for axes in column[1:]:
            axes.axvline(parting, color="black", ls="--", lw=1.2)
    column[0].set_title(example_title(example), loc="left", fontsize=9.5)
    column[2].set_xlabel("time (s)")


def example_times(result: Result, example: Example) -> list[float]:
    """Time of every frame of an example; by its own step if it has one, so that the axis is that of its own trajectory."""
    return result.times if example.step is None else [t * example.step / result.step for t in result.times]


def parting_time(result: Result, example: Example) -> float | None:
    """Time of the first frame whose correlation with the reference is below 0.8; None if there is none."""
    correlation = pearson(example.pred[None].double(), example.ref[None].double())
    found = correlation_time(correlation, threshold=THRESHOLD, dt=1.0)
    return None if found.censored.item() else example_times(result, example)[int(found.time.item())]


def example_title(example: Example) -> str:
    """Why the trajectory was chosen, its number and its error."""
    error = "not finite" if example.error is None else f"{example.error:.3g}"
    return f"{example.label}: no. {example.index}, error {error}"
