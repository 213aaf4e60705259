"""Models of one number whose rollouts, and the disagreement between them, are known by hand."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from neuralpde.data import TrajectoryFile
from neuralpde.evaluation.evaluation_set import EvaluationSet
from neuralpde.graphs import Graph
from neuralpde.grids import Grid, PointSet
from neuralpde.models import Conditions
from neuralpde.rollout import Stepper

__all__ = ["DT", "Drifting", "Shifting", "waves"]

DT = 0.5


class _Shift(Stepper):
    """Turns the phase of a periodic field by an angle in every step."""

    def __init__(self, grid: Grid | PointSet, angles: Tensor) -> None:
        self.grid, self.dt, self.angles = grid, DT, angles

    def __call__(self, u: Tensor, t: float = 0.0) -> Tensor:
        modes = torch.fft.rfft(u)
        k = torch.arange(modes.shape[-1])
        return torch.fft.irfft(modes * torch.exp(1j * k * self.angles.reshape(-1, 1, 1)), n=u.shape[-1])


class Shifting:
    """A deterministic model that turns every wave by the angle that it is told, plus one error of its own."""

    history, dt = 1, DT

    def __init__(self, error: float = 0.0) -> None:
        self.error = error

    def bind(self, domain: Grid | PointSet, coefficients: Tensor) -> Stepper:
        return _Shift(domain, coefficients[:, 0] + self.error)


class Drifting:
    """A model with random numbers: sample ``seed`` turns a wave of rate r by (z + 1) r per step, z a standard normal number of that seed; the truth
    does not turn. So samples part from each other and from the truth in times of the order of 1/r."""

    history, dt = 1, DT

    def bind(self, domain: Grid | PointSet, coefficients: Tensor, seed: int = 0) -> Stepper:
        draw = torch.randn((), generator=torch.Generator().manual_seed(seed)).item()
        return _Shift(domain, coefficients[:, 0] * (draw + 1))

    def build_graph(self, domain: Grid | PointSet) -> Graph | None:
        del domain
        return None

    def conditions(self, time: Tensor, coefficients: Tensor, domain: Grid | PointSet, graph: Graph | None = None) -> Conditions:
        return Conditions(time, coefficients, domain, graph)

    def passes(self, window: Tensor, conditions: Conditions, generator: torch.Generator | None = None) -> list[Tensor]:
        """Three frames whose error is 0.1, 0.01 and 0.001 times the field."""
        del conditions, generator
        return [window[:, -1:] * (1 + 10.0**-k) for k in (1, 2, 3)]


def waves(rates: Tensor, *, num_frames: int = 40, num_points: int = 16, truth: Tensor | None = None, steps: Tensor | None = None) -> EvaluationSet:
    """Unit cosines that turn by ``truth`` (zero by default) per frame, and models that are told the rates."""
    x = 2 * math.pi * torch.arange(num_points) / num_points
    turned = torch.arange(num_frames)[None, :, None] * (torch.zeros_like(rates) if truth is None else truth)[:, None, None]
    frames = torch.cos(x + turned)[:, :, None]
    file = _Times(num_frames)
    return EvaluationSet(
        name="waves", file=file, indices=torch.arange(len(rates)), frames=frames, coefficients=rates[:, None], coefficient_names=("rate",),
        domain=Grid((num_points,), 0.0, 2 * math.pi), fields=("u",), steps=steps,
    )  # fmt: skip


class _Times(TrajectoryFile):
    """What an evaluation without classical solver asks of a file."""

    def __init__(self, num_frames: int) -> None:
        self._num_frames = num_frames

    @property
    def dt(self) -> float:
        return DT

    @property
    def times(self) -> Tensor:
        return DT * torch.arange(self._num_frames, dtype=torch.float64)
