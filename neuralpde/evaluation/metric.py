"""A metric that carries its own definition, so that no report prints a number without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from neuralpde.grids import Grid, PointSet
from neuralpde.metrics import CrossingTime, quadrature_weights, vorticity

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
        steps: each trajectory's own time between frames, ``(batch,)``; None if all have ``dt``.
        velocity: the channels that are v_x and v_y of a plane flow, None if there are none.
    """

    pred: Tensor
    ref: Tensor
    start: Tensor
    dt: float
    domain: Grid | PointSet
    steps: Tensor | None = None
    velocity: tuple[int, int] | None = None

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

    @property
    def seconds(self) -> Tensor:
        """Time between frames of every trajectory, ``(batch,)`` float64."""
        steps = torch.full((self.pred.shape[0],), self.dt) if self.steps is None else self.steps
        return steps.to(self.pred.device, torch.float64)

    @property
    def turbulent(self) -> bool:
        """Whether the vorticity of a plane velocity exists: two such channels on a grid periodic in both axes."""
        return self.velocity is not None and self.spectral and self.domain.ndim == 2

    @cached_property
    def vorticities(self) -> tuple[Tensor, Tensor]:
        """Vorticity of prediction and reference, ``(batch, time, 1, x, y)``; only where :attr:`turbulent`."""
        if self.velocity is None or not isinstance(self.domain, Grid):
            raise ValueError("Comparison: vorticity needs two velocity channels on a grid, got none; name the velocity fields of the data.")
        return vorticity(self.pred[:, :, list(self.velocity)], self.domain), vorticity(self.ref[:, :, list(self.velocity)], self.domain)


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
        turbulent: defined for plane velocities only; left out elsewhere.
    """

    name: str
    definition: str
    function: Callable[[Comparison], Tensor | CrossingTime]
    larger_is_better: bool = False
    spectral: bool = False
    turbulent: bool = False

    def applies(self, comparison: Comparison) -> bool:
        """Whether the metric is defined there."""
        return (comparison.spectral or not self.spectral) and (comparison.turbulent or not self.turbulent)

    def __call__(self, comparison: Comparison) -> Scores:
        """One number per trajectory."""
        value = self.function(comparison)
        if isinstance(value, CrossingTime):
            return Scores(value.time, value.censored, value.undefined)
        values = value if value.ndim == 1 else value.mean(dim=1)
        return Scores(values, torch.zeros_like(values, dtype=torch.bool), ~values.isfinite())
