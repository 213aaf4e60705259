"""An evaluation result made of known trajectories, for tests of what is written about it."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from neuralpde.evaluation.metric import Comparison
from neuralpde.evaluation.result import Example, Kind, Method, Result
from neuralpde.evaluation.standard_metrics import standard_metrics
from neuralpde.evaluation.tally import Tally
from neuralpde.evaluation.timing import Timing
from neuralpde.evaluation.verdict import verdict
from neuralpde.grids import Grid

DT = 0.25


def reference(grid: Grid, *, num_trajectories: int = 3, num_frames: int = 8) -> Tensor:
    """Travelling sines of different phase, ``(batch, time, 1, *space)`` in float64."""
    t = DT * torch.arange(num_frames, dtype=torch.float64)
    phase = torch.arange(num_trajectories, dtype=torch.float64)
    argument = 2 * math.pi * sum(x / length for x, length in zip(grid.mesh(), grid.lengths, strict=True))
    shifted = phase.reshape(-1, 1, 1, *(1,) * grid.ndim) + t.reshape(1, -1, 1, *(1,) * grid.ndim)
    return torch.sin(argument - shifted)


def comparison(grid: Grid, offset: float, **sizes: int) -> Comparison:
    """A prediction that is wrong by ``offset`` times the number of the trajectory plus one, everywhere and always."""
    ref = reference(grid, **sizes)
    number = 1.0 + torch.arange(ref.shape[0], dtype=torch.float64).reshape(-1, 1, 1, *(1,) * grid.ndim)
    return Comparison(ref + offset * number, ref, ref[:, :1], DT, grid)


def timing(seconds: float) -> Timing:
    """A wall time per trajectory in batches of four."""
    return Timing(4 * seconds, seconds, 2 * seconds, batch_size=4, repeats=1, num_frames=8, threads=1, device="cpu")


def method(name: str, kind: Kind, grid: Grid, offset: float, seconds: float | None) -> Method:
    """One entry with the scores of :func:`comparison`."""
    tally = Tally(standard_metrics())
    tally.add(comparison(grid, offset))
    return tally.finish(name, kind, grid.shape, None if seconds is None else timing(seconds))


def result(grid: Grid) -> Result:
    """A network, two classical runs and two baselines."""
    network = method("toy network", "network", grid, 0.1, 0.01)
    half = grid.resized(tuple(n // 2 for n in grid.shape))
    classical = (method("classical fine", "classical", grid, 0.001, 0.1), method("classical coarse", "classical", half, 0.05, 0.002))
    baselines = (method("persistence", "baseline", grid, 0.7, None), method("zero", "baseline", grid, 1.0, None))
    pair = comparison(grid, 0.1)
    examples = tuple(Example(label, k, 0.1 * k, pair.ref[k].float(), pair.pred[k].float()) for k, label in enumerate(("best", "median", "worst")))
    return Result(
        model="toy network",
        data="toy data",
        settings={"fields": ["u"], "num_trajectories": 3, "first_predicted_frame": 2, "num_frames": 8, "given_frames": 1, "dt": DT, "batch_size": 4},
        definitions={metric.name: metric.definition for metric in standard_metrics()},
        methods=(network, *classical, *baselines),
        times=[DT * k for k in range(8)],
        environment={"device": "abacus", "threads": 1, "load_average": math.inf, "versions": {"torch": "0"}},
        verdict=verdict(network, classical),
        notes=("a note",),
        examples=examples,
        domain=grid,
    )
