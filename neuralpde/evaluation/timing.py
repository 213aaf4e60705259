"""Wall time, measured the same way for networks and for classical solvers."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from neuralpde.rollout import Stepper, rollout

__all__ = ["Timing", "time_rollout", "wall_time"]


@dataclass(frozen=True)
class Timing:
    """Wall time of one rollout of a batch.

    Args:
        batch_seconds: median over the repeats for the whole batch.
        seconds_per_trajectory: the same divided by the batch size; the number that plots and verdicts use.
        single_seconds: median for a batch of one trajectory: the latency.
        batch_size: trajectories advanced together.
        repeats: measured runs, after one unmeasured warm-up.
        num_frames: frames that a run produced.
        threads: threads that torch could use.
        device: where it ran.
    """

    batch_seconds: float
    seconds_per_trajectory: float
    single_seconds: float
    batch_size: int
    repeats: int
    num_frames: int
    threads: int
    device: str


def wall_time(function: Callable[[], Tensor], *, repeats: int) -> float:
    """Median wall time of ``function`` in seconds after one warm-up; waits for an accelerator to finish."""
    if repeats < 1:
        raise ValueError(f"wall_time: needs at least one repeat, got {repeats}; set repeats=1.")
    device = function().device
    seconds = []
    for _ in range(repeats):
        _synchronise(device)
        start = time.perf_counter()
        function()
        _synchronise(device)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def _synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def time_rollout(build: Callable[[slice], tuple[Stepper, Tensor]], *, batch_size: int, num_frames: int, t: float, repeats: int) -> Timing:
    """Time the rollout of a batch and of its first trajectory.

    Building the stepper (graphs, symbols, tables) is not timed: it happens once per grid. No gradients are recorded.

    Args:
        build: gives the stepper and the given frames ``(batch, frames, channel, *space)`` for a slice of the batch.
        batch_size: trajectories in the batch.
        num_frames: frames to produce.
        t: time of the last given frame.
        repeats: measured runs, of which the median is taken.
    """
    seconds, device = [], torch.device("cpu")
    for part in (slice(0, batch_size), slice(0, 1)):
        stepper, window = build(part)
        device = window.device
        with torch.no_grad():
            seconds.append(wall_time(lambda s=stepper, w=window: rollout(s, w, num_frames, t), repeats=repeats))
    return Timing(seconds[0], seconds[0] / batch_size, seconds[1], batch_size, repeats, num_frames, torch.get_num_threads(), str(device))
