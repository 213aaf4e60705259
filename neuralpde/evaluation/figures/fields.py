"""Reference, prediction and error side by side, for single trajectories."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from numpy.typing import NDArray

from neuralpde.evaluation.figures.canvas import canvas
from neuralpde.evaluation.result import Example, Result
from neuralpde.grids import Grid, PointSet

__all__ = ["field_panels"]

COLUMNS = ("reference", "prediction", "prediction − reference")
NUM_SNAPSHOTS = 4


def field_panels(result: Result, *, channel: int = 0) -> Figure | None:
    """Space–time diagrams of the chosen trajectories in one dimension, snapshots of the median one in two.

    Reference and prediction share a colour scale set by the reference; the error has its own. None beyond two dimensions.
    """
    domain = result.domain
    if domain is None or domain.ndim > 2 or not result.examples:
        return None
    return _diagrams(result, domain, channel) if domain.ndim == 1 else _snapshots(result, domain, channel)


def _diagrams(result: Result, domain: Grid | PointSet, channel: int) -> Figure:
    x = domain.points()[:, 0].numpy()
    order = np.argsort(x)
    with canvas(9.5, 2.5 * len(result.examples) + 0.4) as figure:
        rows = figure.subplots(len(result.examples), 3, sharex=True, sharey=True, squeeze=False)
        for row, example in zip(rows, result.examples, strict=True):
            ref, pred = (u[:, channel].numpy()[:, order] for u in (example.ref, example.pred))
            for axes, values, limit in zip(row, (ref, pred, pred - ref), _limits(ref, pred), strict=True):
                image = axes.pcolormesh(x[order], result.times, values, cmap="RdBu_r", vmin=-limit, vmax=limit, shading="nearest", rasterized=True)
                axes.grid(False)
                if axes is not row[0]:
                    figure.colorbar(image, ax=axes, pad=0.02)
            row[0].set_ylabel(f"{_title(example)}\ntime")
        _name_columns(rows, result.settings["fields"][channel])
        for axes in rows[-1]:
            axes.set_xlabel("x")
        return figure


def _snapshots(result: Result, domain: Grid | PointSet, channel: int) -> Figure:
    example = next(e for e in result.examples if e.label == "median")
    picks = np.linspace(0, len(result.times) - 1, min(NUM_SNAPSHOTS, len(result.times))).astype(int)
    ref, pred = (u[:, channel].numpy() for u in (example.ref, example.pred))
    with canvas(9.5, 2.5 * len(picks) + 0.4) as figure:
        rows = figure.subplots(len(picks), 3, sharex=True, sharey=True, squeeze=False)
        for row, k in zip(rows, picks, strict=True):
            for axes, values, limit in zip(row, (ref[k], pred[k], pred[k] - ref[k]), _limits(ref[k], pred[k]), strict=True):
                image = _picture(axes, domain, values, limit)
                axes.set_aspect("equal")
                axes.grid(False)
                if axes is not row[0]:
                    figure.colorbar(image, ax=axes, pad=0.02)
            row[0].set_ylabel(f"t = {result.times[k]:.3g}\ny")
        _name_columns(rows, result.settings["fields"][channel])
        for axes in rows[-1]:
            axes.set_xlabel("x")
        figure.suptitle(_title(example), x=0.01, ha="left")
        return figure


def _picture(axes: Axes, domain: Grid | PointSet, values: NDArray, limit: float) -> ScalarMappable:
    if isinstance(domain, Grid):
        x, y = (domain.coordinates(axis).numpy() for axis in range(2))
        return axes.pcolormesh(x, y, values.T, cmap="RdBu_r", vmin=-limit, vmax=limit, shading="nearest", rasterized=True)
    points = domain.points().numpy()
    return axes.scatter(points[:, 0], points[:, 1], c=values, s=4, cmap="RdBu_r", vmin=-limit, vmax=limit)


def _limits(ref: NDArray, pred: NDArray) -> tuple[float, float, float]:
    size = float(np.abs(ref).max()) or 1.0
    error = np.abs(pred - ref)
    finite = error[np.isfinite(error)]
    return size, size, float(finite.max()) if finite.size and finite.max() > 0 else size


def _title(example: Example) -> str:
    error = "not finite" if example.error is None else f"{example.error:.3g}"
    return f"{example.label}: no. {example.index}, error {error}"


def _name_columns(rows: NDArray, field: str) -> None:
    for axes, name in zip(rows[0], COLUMNS, strict=True):
        axes.set_title(f"{field}: {name}", loc="left", fontweight="bold")
