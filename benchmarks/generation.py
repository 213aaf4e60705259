"""Time and memory of stepping E1 and E3 at paper size: 2048 trajectories, 200 cells, 250 output times.

Run ``python benchmarks/generation.py``. Every process works on blocks of 64 trajectories with one thread, as generation does;
writing files is not included.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time

import torch

from neuralpde.equations import Combined
from neuralpde.grids import Grid
from neuralpde.initial import RandomSineSeries, stack_draws
from neuralpde.rollout import rollout
from neuralpde.solvers import IntegratingFactorRungeKutta

GRID = Grid(200, 0.0, 16.0)
NUM_FRAMES = 250
BLOCK = 64


def build(name: str, index: int) -> tuple[IntegratingFactorRungeKutta, torch.Tensor]:
    """Solver and initial cell averages of one block."""
    generator = torch.Generator().manual_seed(index)
    law = RandomSineSeries()
    forcing = stack_draws([law(generator) for _ in range(BLOCK)])
    if name == "e1":
        solver = IntegratingFactorRungeKutta(Combined(0.5, 0.0, 0.0, forcing), GRID, 4.0 / (NUM_FRAMES - 1), substeps=1)
    else:
        alpha, beta, gamma = torch.rand(3, BLOCK, generator=generator, dtype=torch.float64)
        equation = Combined(3.0 * alpha, 0.1 + 0.3 * beta, gamma, forcing)
        solver = IntegratingFactorRungeKutta(equation, GRID, 2.0 / (NUM_FRAMES - 1), substeps=2)
    return solver, solver.derivatives.at(0.0).lift(forcing)


def solve(task: tuple[str, int]) -> int:
    """One block; returns the peak memory of the process in KiB."""
    torch.set_num_threads(1)
    solver, u = build(*task)
    with torch.no_grad():
        trajectory = rollout(solver, u.unsqueeze(1), NUM_FRAMES - 1)
    if not bool(torch.isfinite(trajectory).all()):
        raise RuntimeError(f"generation: block {task} needs to stay finite, got NaN or infinity; use more substeps.")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Print seconds and peak memory for E1 and E3."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trajectories", type=int, default=2048)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    blocks = -(-options.trajectories // BLOCK)
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        pool.map(solve, [("e1", 0)] * options.processes, chunksize=1)
        for name in ("e1", "e3"):
            start = time.perf_counter()
            peaks = pool.map(solve, [(name, index) for index in range(blocks)], chunksize=1)
            seconds = time.perf_counter() - start
            print(f"{name}: {blocks * BLOCK} trajectories in {seconds:.1f} s with {options.processes} processes, {max(peaks) / 1024:.0f} MiB per process")


if __name__ == "__main__":
    main()
