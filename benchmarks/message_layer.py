"""Training step of MP-PDE: evaluated per node (the package) against per edge (the plain version kept in the tests).

    python benchmarks/message_layer.py [threads]

Both networks share their weights, and the step (forward, backward) is checked to give the same output before it is timed. The two are timed in
turns, so that the load of the machine meets both; the ratio is the median of the ratios of the pairs.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from plain_message_passing import plain_forward

from neuralpde.graphs import PeriodicNeighbours
from neuralpde.grids import Grid
from neuralpde.models import Conditions, MessagePassing

BATCH, POINTS, WINDOW, PAIRS = 16, 100, 25, 9


def timed(step: Callable[[], Tensor]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def main(threads: int) -> None:
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    grid = Grid((POINTS,), 0.0, 16.0)
    model = MessagePassing(WINDOW, WINDOW, ndim=1, num_coefficients=0)
    frames = torch.randn(BATCH, WINDOW, POINTS)
    conditions = Conditions(torch.rand(BATCH), torch.zeros(BATCH, 0), grid, PeriodicNeighbours(3)(grid).to(dtype=torch.float32))

    def training_step(forward: Callable[[], Tensor]) -> Tensor:
        model.zero_grad()
        output = forward()
        output.square().mean().backward()
        return output.detach()

    def per_node() -> Tensor:
        return training_step(lambda: model(frames, conditions))

    def per_edge() -> Tensor:
        return training_step(lambda: plain_forward(model, frames, conditions))

    difference = (per_node() - per_edge()).abs().max().item()
    pairs = [(timed(per_node), timed(per_edge)) for _ in range(PAIRS)]
    load = ", ".join(f"{x:.2f}" for x in os.getloadavg())
    print(f"batch {BATCH}, {POINTS} points, window {WINDOW}, float32, {threads} threads; load average {load}; largest difference {difference:.1e}")
    for name, times in zip(("per node", "per edge"), zip(*pairs, strict=True), strict=True):
        print(f"{name}: median {statistics.median(times):.3f} s, fastest {min(times):.3f} s")
    print(f"ratio: median of {PAIRS} pairs {statistics.median(b / a for a, b in pairs):.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
