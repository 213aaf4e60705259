"""Scenarios of a few numbers for tests of the data layer."""

import functools
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

import neuralpde.data
from neuralpde.data import SameAs, Scenario
from neuralpde.derivatives import Fourier
from neuralpde.equations import Combined, Wave
from neuralpde.grids import Grid
from neuralpde.initial import RandomPulse, RandomSineSeries, Uniform
from neuralpde.rollout import Stepper

TRUSTED = ("neuralpde.", "tiny_scenarios.")


class Decay(Stepper):
    """u ← exp(−beta dt) u for the combined equation; can be slowed down and made to fail from outside."""

    def __init__(self, equation: Any, grid: Grid, dt: float, *, explode_above: float = 1e9, refuse_above: float = 1e9) -> None:
        time.sleep(float(os.environ.get("TINY_SLEEP", "0")))
        if (equation.beta > refuse_above).any():
            raise ValueError(f"Decay: expected beta ≤ {refuse_above}, got {equation.beta.max():.3g}; lower it.")
        self.grid, self.dt, self.derivatives = grid, dt, Fourier(grid)
        self.factor = torch.exp(-equation.beta * dt).view(-1, 1, 1)
        self.factor = torch.where(equation.beta.view(-1, 1, 1) > explode_above, torch.nan, self.factor)

    def __call__(self, u: torch.Tensor, t: float = 0.0) -> torch.Tensor:
        return u * self.factor


@dataclass(frozen=True)
class Drift(Stepper):
    """u ← u + t on two channels with flags."""

    equation: Any
    grid: Grid
    dt: float
    left: Any = 0.0
    right: Any = 0.0

    @property
    def derivatives(self) -> Fourier:
        return Fourier(self.grid)

    def __call__(self, u: torch.Tensor, t: float = 0.0) -> torch.Tensor:
        return u + t


def decay(**options: Any) -> Scenario:
    """Combined equation with random beta in (0, 1) and forcing as the initial state; 20 nodes, 12 frames, blocks of 4."""
    return Scenario(
        Combined,
        Grid((20,), 0.0, 16.0),
        functools.partial(Decay, **options) if options else Decay,
        SameAs("forcing"),
        dt=0.1,
        num_frames=12,
        coefficients={"alpha": 0.5, "beta": Uniform(0.0, 1.0), "gamma": 0.0, "forcing": RandomSineSeries()},
        block_size=4,
    )


def drift(**changes: Any) -> Scenario:
    """Two fields and boundary flags."""
    options: dict[str, Any] = {"dt": 0.5, "num_frames": 5, "boundary": {"left": 0.0, "right": Uniform(0.0, 1.0)}, "block_size": 3}
    return Scenario(Wave, Grid((8,), -8.0, 8.0), Drift, RandomPulse(), coefficients={"speed": 2.0}, **{**options, **changes})


def data(root: Path, scenario: Scenario | None = None, **options: Any) -> "neuralpde.data.TrajectoryDataModule":
    """A data module with 10, 4 and 5 trajectories of :func:`decay`."""
    return neuralpde.data.TrajectoryDataModule(scenario or decay(), name="tiny", root=root, sizes={"train": 10, "valid": 4, "test": 5}, **options)
