"""A constraint added to a network that was trained without one: change in error, in residual and in time.

python benchmarks/constraint_at_inference.py mp_pde_e1 --trajectories 16
python benchmarks/constraint_at_inference.py RUN/pretrained --counts 4 1        four experts along time
"""

from __future__ import annotations

import argparse
import time

import torch
from hydra.utils import instantiate
from rich.console import Console
from rich.table import Table

from neuralpde.constraints import Central, HardConstraint, ResidualRows, SpaceTime, WeightSolver, corrections
from neuralpde.derivatives import Fourier, Trajectory
from neuralpde.pretrained import load_pretrained
from neuralpde.rollout import rollout


def main() -> None:
    """Print three rows; the residual of the reference is what finite differences of the stored frames leave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("--trajectories", type=int, default=16)
    parser.add_argument("--points", type=int, default=2000)
    parser.add_argument("--counts", type=int, nargs="+")
    parser.add_argument("--ridge", type=float, default=1e-2)
    options = parser.parse_args()
    model, config, _ = load_pretrained(options.checkpoint)
    data = instantiate({**config["data"], "batch_size": options.trajectories}, _convert_="all")
    data.prepare_data()
    file, grid = data.file("test"), data.spec.domain
    batch = next(iter(data.test_dataloader()))
    scenario = file.scenario()
    draw = scenario.draw(file.header.seed, [int(i) for i in batch.indices], "test")
    equation = scenario.equation(**draw.coefficients)

    known = 2 * model.history
    start = time.perf_counter()
    with torch.no_grad():
        pred = rollout(model.bind(grid, batch.coefficients), batch.frames[:, :known], batch.frames.shape[1] - known, float(batch.times[known - 1]))
    seconds = time.perf_counter() - start
    pred = torch.cat([batch.frames[:, known - 1 : known], pred], dim=1).double()
    ref, where = batch.frames[:, known - 1 :].double(), SpaceTime(batch.times[known - 1 :], grid)

    layer = HardConstraint(
        {"residual": ResidualRows(count=options.points)}, Fourier, counts=options.counts, ridge=options.ridge, solver=WeightSolver(1e-6), time=Central(4)
    )
    start = time.perf_counter()
    with torch.no_grad():
        basis = corrections(pred, where, Fourier(grid))
        found = layer(basis, pred[:, 0], equation=equation, domain=where, offset=pred, generator=torch.Generator().manual_seed(0))
    extra = time.perf_counter() - start

    d = Trajectory(Fourier(grid), where.times, order=4)
    table = Table("", "relative L2", "rms residual", "seconds", title=f"{options.checkpoint}, {len(ref)} trajectories")
    for name, frames, taken in (("network", pred, seconds), ("with constraint", found.frames, seconds + extra), ("reference", ref, 0.0)):
        error = ((frames - ref).flatten(1).norm(dim=1) / ref.flatten(1).norm(dim=1)).mean()
        residual = equation.residual(frames, d)[:, 1:].square().mean().sqrt()
        table.add_row(name, f"{float(error):.4f}", f"{float(residual):.4f}", f"{taken:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
