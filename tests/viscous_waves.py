"""A small data set whose solver converges fast in space: viscous Burgers waves, for tests of evaluation."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from neuralpde.data import SameAs, Scenario, TrajectoryDataModule
from neuralpde.equations import Burgers, Combined
from neuralpde.grids import Grid
from neuralpde.initial import RandomSineSeries, Uniform
from neuralpde.solvers import ExponentialRungeKutta

NUM_FRAMES = 12


def scenario(**changes: Any) -> Scenario:
    """64 points, 12 frames, random viscosity, 4 substeps."""
    options: dict[str, Any] = {"dt": 0.02, "num_frames": NUM_FRAMES, "block_size": 3, **changes}
    return Scenario(
        Burgers,
        Grid((64,), 0.0, 1.0),
        functools.partial(ExponentialRungeKutta, substeps=4),
        RandomSineSeries(num_terms=2, amplitude=0.5, frequency=0.0, wavenumbers=(1, 2), length=1.0),
        coefficients={"viscosity": Uniform(0.02, 0.04)},
        **options,
    )


def forced_scenario() -> Scenario:
    """The same size of problem with a force that changes in time, so that a wrong clock shows."""
    forcing = RandomSineSeries(num_terms=2, amplitude=0.5, frequency=4.0, wavenumbers=(1,), length=1.0)
    return Scenario(
        Combined,
        Grid((64,), 0.0, 1.0),
        functools.partial(ExponentialRungeKutta, substeps=2),
        SameAs("forcing"),
        dt=0.02,
        num_frames=NUM_FRAMES,
        block_size=3,
        coefficients={"alpha": 0.5, "beta": 0.02, "gamma": 0.0, "forcing": forcing},
    )


def data(root: Path, *, recipe: Scenario | None = None, **options: Any) -> TrajectoryDataModule:
    """Five test trajectories; the model is told the viscosity unless options say otherwise."""
    options = {"conditioned_on": ("viscosity",), **options}
    return TrajectoryDataModule(recipe or scenario(), name="waves", root=root, sizes={"test": 5}, **options)
