"""A metric that carries its own definition, so that no report prints a number without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from neuralpde.grids import Grid, PointSet
from neuralpde.metrics import CrossingTime, quadrature_weights

__all__ = ["Comparison", "Metric", "Scores"]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Predicted and reference frames of some trajectories, on matching nodes.

    Args:
        pred: predicted frames, float64, ``(batch, time, channel, *space)``.
        ref: reference frames, the same shape.
        start: the last given frame, ``(batch, 1, channel, *space)``.
        dt: time between frames.
        domain: the nodes.
    """

    pred: Tensor
    ref: Tensor
    start: Tensor
    dt: float
    domain: Grid | PointSet

    @property
    def weights(self) -> Tensor | None:
        """Quadrature weights ``(*space)`` where the nodes are not equivalent, None on periodic grids and on point sets."""
        if isinstance(self.domain, PointSet) or all(self.domain.periodic):
            return None
        return quadrature_weights(self.domain).to(self.pred)

    @property
    def spectral(self) -> bool:
        """Whether a plain Fourier transform of the fields is meaningful: a uniform grid, periodic in every axis."""
        return isinstance(self.domain, Grid) and all(self.domain.periodic)


@dataclass(frozen=True, eq=False)
class Scores:
    """One number per trajectory.

    Args:
        values: ``(batch,)``.
        censored: ``(batch,)`` bool; the value is a bound because the rollout ended first.
        undefined: ``(batch,)`` bool; a quantity it is made of did not exist somewhere.
    """

    values: Tensor
    censored: Tensor
    undefined: Tensor

    @classmethod
    def cat(cls, parts: list[Scores]) -> Scores:
        """Scores of several batches in one."""
        return cls(*(torch.cat([getattr(p, name) for p in parts]) for name in ("values", "censored", "undefined")))


@dataclass(frozen=True)
class Metric:
    """A named score of a comparison.

    Args:
        name: short name, the key in ``metrics.json``.
        definition: one line that defines it completely, printed beside the number.
        function: maps a comparison to ``(batch,)``, or to ``(batch, time)``, of which the mean over time is taken, or to a time until failure.
        larger_is_better: correlations and times, in contrast to errors.
        spectral: defined on uniform periodic grids only; left out elsewhere.
    """

    name: str
    definition: str
    function: Callable[[Comparison], Tensor | CrossingTime]
    larger_is_better: bool = False
    spectral: bool = False

    def __call__(self, comparison: Comparison) -> Scores:
        """One number per trajectory."""
        value = self.function(comparison)
        if isinstance(value, CrossingTime):
            return Scores(value.time, value.censored, value.undefined)
        values = value if value.ndim == 1 else value.mean(dim=1)
        return Scores(values, torch.zeros_like(values, dtype=torch.bool), ~values.isfinite())
