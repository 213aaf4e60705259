"""How well one quantity predicts another: the straight line through a scatter."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

__all__ = ["LineFit", "line_fit"]


class LineFit(NamedTuple):
    """The least-squares line y = slope · x + intercept and its quality.

    Attributes:
        slope: slope of the line.
        intercept: value at x = 0.
        r_squared: square of the Pearson correlation of x and y, the explained share of the variance of y.
        mean_gap: mean of |y − x|, the distance from the diagonal rather than from the line.
        count: number of points.
    """

    slope: float
    intercept: float
    r_squared: float
    mean_gap: float
    count: int


def line_fit(x: Tensor, y: Tensor) -> LineFit:
    r"""Least-squares line of y over x.

    Args:
        x: the quantity that predicts, such as the time until samples part.
        y: the quantity to predict, such as the time until the prediction leaves the truth.

    Shape: ``(points,)`` twice.

    Raises:
        ValueError: different shapes, or fewer than three points, through which every line fits.

    Limits: NaN if x or y is constant. A slope of one with an intercept far from zero is not calibrated: look at ``mean_gap`` too.
    """
    if x.ndim != 1 or x.shape != y.shape or x.numel() < 3:
        raise ValueError(f"line_fit: needs two lists of at least 3 numbers, got shapes {tuple(x.shape)} and {tuple(y.shape)}; use more trajectories.")
    x, y = x.double(), y.double()
    dx, dy = x - x.mean(), y - y.mean()
    covariance, x_variance, y_variance = (dx * dy).mean(), dx.square().mean(), dy.square().mean()
    slope = covariance / x_variance
    return LineFit(
        slope=slope.item(),
        intercept=(y.mean() - slope * x.mean()).item(),
        r_squared=(covariance.square() / (x_variance * y_variance)).item(),
        mean_gap=(y - x).abs().mean().item(),
        count=x.numel(),
    )
