"""Snapshots of a trajectory in two dimensions: the vorticity of flows, else one of the fields."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from neuralpde.evaluation.figures.canvas import canvas
from neuralpde.evaluation.figures.colours import MAP, limits
from neuralpde.evaluation.figures.hovmoller import example_times, example_title
from neuralpde.evaluation.result import Result
from neuralpde.grids import Grid, PointSet
from neuralpde.metrics import pearson, vorticity

__all__ = ["snapshots"]

ROWS = ("reference", "prediction", "prediction − reference")
NUM_SNAPSHOTS = 4


def snapshots(result: Result, *, channel: int = 0) -> Figure | None:
    """Reference, prediction and error of the median trajectory at four times, with the correlation; None unless in two dimensions.

    Args:
        result: an evaluation with examples; where it knows the velocity channels, the vorticity is shown.
        channel: which field to show otherwise.
    """
    domain = result.domain
    if domain is None or domain.ndim != 2 or not result.examples:
        return None
    example = next(e for e in result.examples if e.label == "median")
    times = example_times(result, example)
    picks = np.linspace(0, len(times) - 1, min(NUM_SNAPSHOTS, len(times))).round().astype(int)
    ref, pred = (shown(u, result, channel) for u in (example.ref, example.pred))
    correlation = pearson(pred[None, :, None].double(), ref[None, :, None].double())[0].tolist()
    with canvas(2.4 * len(picks) + 0.9, 7.0) as figure:
        panels = figure.subplots(3, len(picks), sharex=True, sharey=True, squeeze=False)
        for column, k in zip(panels.T, picks, strict=True):
            _column(figure, column, domain, ref[k].numpy(), pred[k].numpy())
            column[0].set_title(f"t = {times[k]:.3g} s, corr. {correlation[k]:.3f}", loc="left", fontsize=9.5)
        for axes, row in zip(panels[:, 0], ROWS, strict=True):
            axes.set_ylabel(f"{row}\ny")
        name = "Vorticity" if _turbulent(result) else f"Field {result.settings['fields'][channel]}"
        figure.suptitle(f"{name}, {example_title(example)}", x=0.01, ha="left", fontweight="bold")
        return figure


def _turbulent(result: Result) -> bool:
    return result.velocity is not None and isinstance(result.domain, Grid) and all(result.domain.periodic)


def shown(u: Tensor, result: Result, channel: int) -> Tensor:
    """What is drawn of a trajectory ``(time, channel, *space)``: its vorticity if there is one, else a channel, ``(time, *space)``."""
    if _turbulent(result) and result.velocity is not None and isinstance(result.domain, Grid):
        return vorticity(u[None, :, list(result.velocity)].double(), result.domain)[0, :, 0]
    return u[:, channel]


def _column(figure: Figure, column: NDArray, domain: Grid | PointSet, ref: NDArray, pred: NDArray) -> None:
    size, error_size = limits(ref, pred)
    images = []
    for axes, values, limit in zip(column, (ref, pred, pred - ref), (size, size, error_size), strict=True):
        images.append(_picture(axes, domain, values, limit))
        axes.set_aspect("equal")
        axes.grid(False)
    figure.colorbar(images[0], ax=list(column[:2]), pad=0.02, shrink=0.8)
    figure.colorbar(images[2], ax=column[2], pad=0.02, shrink=0.8)
    column[2].set_xlabel("x")


def _picture(axes: Axes, domain: Grid | PointSet, values: NDArray, limit: float) -> ScalarMappable:
    if isinstance(domain, Grid):
        x, y = (domain.coordinates(axis).numpy() for axis in range(2))
        return axes.pcolormesh(x, y, values.T, cmap=MAP, vmin=-limit, vmax=limit, shading="nearest", rasterized=True)
    points = domain.points().numpy()
    return axes.scatter(points[:, 0], points[:, 1], c=values, s=4, cmap=MAP, vmin=-limit, vmax=limit)
