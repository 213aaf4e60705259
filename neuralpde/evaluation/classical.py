"""The classical solver of the data's own recipe, on coarser grids: the baseline that a network has to beat."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from neuralpde.data import Scenario
from neuralpde.evaluation.evaluation_set import EvaluationSet
from neuralpde.evaluation.metric import Comparison
from neuralpde.evaluation.timing import Timing, time_rollout
from neuralpde.evaluation.until_failure import FAILURES, UntilFailure
from neuralpde.grids import Grid
from neuralpde.resampling import resample
from neuralpde.rollout import Stepper, rollout

__all__ = ["ClassicalRun", "ClassicalStart", "Coarser", "ExactInitial", "LastGivenFrame", "coarser_shapes"]


class ClassicalStart(Protocol):
    """Where a coarse run begins."""

    def __call__(self, data: EvaluationSet, rows: Tensor, grid: Grid, initial: Tensor, first: int) -> tuple[Tensor, int]:
        """State ``(batch, channel, *space)`` and index of its frame, for the trajectories ``rows`` and the first frame to be scored."""
        ...


class LastGivenFrame:
    """Start from the last frame that the network is given too, restricted to the coarse nodes.

    Both know the present equally well. Restriction takes the stored values at the coarse nodes, also where the solver works with cell
    averages; that costs the classical solver some accuracy at shocks.
    """

    def __call__(self, data: EvaluationSet, rows: Tensor, grid: Grid, initial: Tensor, first: int) -> tuple[Tensor, int]:
        """See :class:`ClassicalStart`."""
        stored = data.file.read(data.indices[rows], first - 1, first)[:, 0]
        return resample(stored.to(initial), data.file.grid, grid), first - 1


class ExactInitial:
    """Start from the exact initial condition, as in the tables of Brandstetter, Worrall & Welling (2022).

    The run then covers the given frames too, unscored, and its wall time includes them. Not for recipes with a burn-in.
    """

    def __call__(self, data: EvaluationSet, rows: Tensor, grid: Grid, initial: Tensor, first: int) -> tuple[Tensor, int]:
        """See :class:`ClassicalStart`."""
        del rows, grid, first
        burn_in = data.file.scenario().burn_in
        if burn_in:
            raise ValueError(f"ExactInitial: needs data that start with the initial condition, got a burn-in of {burn_in} frames; use LastGivenFrame.")
        return initial, 0


@dataclass(frozen=True)
class ClassicalRun:
    """One point of the sweep.

    Args:
        shape: points per axis.
        substeps: internal steps per frame; None for what the recipe says.
    """

    shape: tuple[int, ...]
    substeps: int | None = None

    @property
    def name(self) -> str:
        """What reports call it."""
        steps = "" if self.substeps is None else f", {self.substeps} substep{'s' if self.substeps > 1 else ''}"
        return f"classical {'×'.join(map(str, self.shape))}{steps}"

    def scenario(self, recipe: Scenario) -> Scenario:
        """The recipe with this number of substeps."""
        return recipe if self.substeps is None else dataclasses.replace(recipe, solver=functools.partial(recipe.solver, substeps=self.substeps))


def coarser_shapes(fine: Grid, *, smallest: int = 16) -> tuple[tuple[int, ...], ...]:
    """The grid's own shape and its halves, quarters, … as long as nodes match and every axis keeps ``smallest`` points.

    On a bounded uniform axis the intervals are halved; on Chebyshev axes, where nodes do not nest, the points.
    """
    shapes = [fine.shape]
    while True:
        halves = [_half(n, nested_ends=uniform and not periodic) for n, periodic, uniform in zip(shapes[-1], fine.periodic, fine.uniform, strict=True)]
        if any(n is None or n < smallest for n in halves):
            return tuple(shapes)
        shapes.append(tuple(n for n in halves if n is not None))


def _half(n: int, *, nested_ends: bool) -> int | None:
    intervals = n - 1 if nested_ends else n
    return None if intervals % 2 else intervals // 2 + (1 if nested_ends else 0)


@dataclass(frozen=True)
class Coarser:
    """Reruns of the classical solver on coarser grids with every trajectory's own coefficients, scored on matching nodes.

    Where the recipe's solver takes internal substeps, each coarser grid is also run with fewer of them, in proportion to the spacing: a
    coarse solver at the time step of the fine one would be a weak baseline.

    Args:
        resolutions: points per axis, one entry per grid; by default the stored grid, its halves, and the grid of the network.
        repeats: timed runs after a warm-up; the median counts.
        start: where the runs begin.

    Limits: runs finer than the network's grid are compared on the network's nodes, coarser ones on their own, against the reference
    restricted to them. Wall times are those of this package's solvers on the CPU.
    """

    resolutions: Sequence[int | Sequence[int]] | None = None
    repeats: int = 3
    start: ClassicalStart = field(default_factory=LastGivenFrame)

    def runs(self, data: EvaluationSet) -> tuple[ClassicalRun, ...]:
        """The sweep, finest grid first."""
        fine = data.file.grid
        if self.resolutions is not None:
            shapes = {fine.resized(n if isinstance(n, int) else tuple(n)).shape for n in self.resolutions}
        else:
            shapes = {*coarser_shapes(fine), *([data.domain.shape] if isinstance(data.domain, Grid) else [])}
        recipe = data.file.scenario()
        substeps = getattr(recipe.solver, "keywords", {}).get("substeps", 1)
        runs = []
        for shape in sorted(shapes, reverse=True):
            runs.append(ClassicalRun(shape))
            fewer = math.ceil(substeps * max(n / m for n, m in zip(shape, recipe.fine_grid.shape, strict=True)))
            if fewer < substeps:
                runs.append(ClassicalRun(shape, fewer))
        return tuple(runs)

    def compare(self, data: EvaluationSet, run: ClassicalRun, *, part: slice, first: int, num_frames: int) -> Comparison:
        """One run beside the reference, for the trajectories ``part``; a trajectory on which the solver fails is NaN from there on.

        Raises:
            ValueError: the scheme refuses the grid altogether.
        """
        grid = data.file.grid.resized(run.shape)
        channels = [data.file.fields.index(name) for name in data.fields]
        rows = torch.arange(data.num_trajectories)[part]
        pred = self._trajectories(data, run, rows, first, num_frames)[:, -num_frames:, channels]
        finer = isinstance(data.domain, Grid) and grid.num_points > data.domain.num_points
        target = data.domain if finer and isinstance(data.domain, Grid) else grid
        stored = data.file.read(data.indices[part], first - 1, first + num_frames, fields=data.fields).to(pred)
        ref = resample(stored, data.file.grid, target)
        steps = None if data.steps is None else data.steps[part]
        return Comparison(resample(pred, grid, target), ref[:, 1:], ref[:, :1], data.dt, target, steps, data.velocity)

    def _trajectories(self, data: EvaluationSet, run: ClassicalRun, rows: Tensor, first: int, num_frames: int) -> Tensor:
        """Rollouts of all rows together if none fails; else of the halves, so that one failure costs its own trajectory only."""
        stepper, window, frame = self._prepare(data, run, rows, first)
        alone = len(rows) == 1
        try:
            with torch.no_grad():
                return rollout(UntilFailure(stepper) if alone else stepper, window, first + num_frames - 1 - frame, data.times[frame].item())
        except FAILURES:
            return torch.cat([self._trajectories(data, run, half, first, num_frames) for half in rows.tensor_split(2)])

    def timing(self, data: EvaluationSet, run: ClassicalRun, *, rows: Tensor, first: int, num_frames: int) -> Timing:
        """Wall time of one run for the trajectories ``rows`` together and for the first of them alone.

        Args:
            data: the test set.
            run: which run.
            rows: positions of trajectories on which the solver does not fail.
            first: index of the first scored frame.
            num_frames: frames to score.
        """
        frame = self._prepare(data, run, rows[:1], first)[2]
        return time_rollout(
            lambda part: self._prepare(data, run, rows[part], first)[:2],
            batch_size=len(rows),
            num_frames=first + num_frames - 1 - frame,
            t=data.times[frame].item(),
            repeats=self.repeats,
        )

    def _prepare(self, data: EvaluationSet, run: ClassicalRun, rows: Tensor, first: int) -> tuple[Stepper, Tensor, int]:
        """Stepper, given state with a time axis, and the index of its frame."""
        grid = data.file.grid.resized(run.shape)
        stepper, initial = run.scenario(data.file.scenario()).build(data.file.draw(data.indices[rows]), grid)
        state, frame = self.start(data, rows, grid, initial, first)
        return stepper, state.unsqueeze(1), frame
