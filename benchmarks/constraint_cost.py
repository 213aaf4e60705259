"""Time and memory of a hard constraint against the number of sampled points, for one constraint and for a mixture of experts.

python benchmarks/constraint_cost.py                          diffusion-sorption, 10² to 10⁵ points
python benchmarks/constraint_cost.py --problem navier_stokes  2-D Navier-Stokes
python benchmarks/constraint_cost.py --points 100 1000        other numbers of points
"""

from __future__ import annotations

import argparse
import functools
import os
import statistics
import time

import torch
from rich.console import Console
from rich.table import Table

from neuralpde.boundaries import Dirichlet, Robin
from neuralpde.constraints import Backward, BoundaryRows, Central, HardConstraint, InitialRows, ResidualRows, SpaceTime, WeightSolver
from neuralpde.derivatives import FiniteDifference, Fourier
from neuralpde.equations import DiffusionSorption, Equation, VorticityNavierStokes
from neuralpde.grids import Grid

PROBLEMS = ("diffusion_sorption", "navier_stokes")


def sorption(count: int, experts: int) -> tuple[HardConstraint, SpaceTime, DiffusionSorption, torch.Tensor, torch.Tensor]:
    """101 frames of 1024 intervals, 16 basis fields."""
    families = {
        "residual": ResidualRows(500.0, count=count),
        "initial": InitialRows(10.0),
        "left": BoundaryRows(3.0, condition=Dirichlet(1.0)),
        "right": BoundaryRows(3.0, condition=Robin(5e-4), side="upper"),
    }
    counts = (1, 4) if experts > 1 else None
    solver = WeightSolver(1e-4, 50)
    layer = HardConstraint(families, functools.partial(FiniteDifference, order=2), counts=counts, start=0.1, solver=solver, time=Backward())
    domain = SpaceTime(torch.linspace(0, 500, 101, dtype=torch.float64), Grid((1025,), periodic=False))
    x, t = domain.grid.coordinates(), (domain.times / 500).unsqueeze(1)
    basis = torch.stack([torch.exp(-(1 + k % 4) * x) * torch.cos((k // 4) * t) + 0.1 * torch.sin((k + 1) * x * (1 + t)) for k in range(16)])
    initial = torch.tensor([0.05, 0.15]).view(2, 1, 1).expand(2, 1, 1025)
    return layer, domain, DiffusionSorption(), basis[None, :, :, None].expand(2, -1, -1, -1, -1).float(), initial


def navier_stokes(count: int, experts: int) -> tuple[HardConstraint, SpaceTime, VorticityNavierStokes, torch.Tensor, torch.Tensor]:
    """16 frames of 64², 16 basis fields."""
    generator = torch.Generator().manual_seed(0)
    counts = (1, 2, 2) if experts > 1 else None
    layer = HardConstraint({"residual": ResidualRows(count=count)}, Fourier, counts=counts, solver=WeightSolver(1e-4, 50), time=Central(2))
    domain = SpaceTime(torch.linspace(0, 5, 16, dtype=torch.float64), Grid((64, 64)))
    ends = torch.randn(2, 1, 17, 1, 1, 64, 64, generator=generator)
    ends = torch.fft.irfft2(torch.fft.rfft2(ends) * (Fourier(domain.grid)._squared < (2 * torch.pi * 5) ** 2), s=(64, 64))
    t = (domain.times / 5).float().view(-1, 1, 1, 1)
    return layer, domain, VorticityNavierStokes(1e-4), (ends[0] * t + ends[1] * t**2)[:, :16], ends[0, :, 16, 0].expand(1, 1, 64, 64)


def measure(problem: str, count: int, experts: int, *, training: bool, repeats: int) -> tuple[float, float, float]:
    """Median milliseconds, MiB that the solve holds, and mean number of iterations."""
    layer, domain, equation, basis, initial = (sorption if problem == PROBLEMS[0] else navier_stokes)(count, experts)
    offset = None if problem == PROBLEMS[0] else initial.unsqueeze(1).expand(-1, domain.shape[0], -1, -1, -1)
    leaf = basis.clone().requires_grad_(training)

    def run() -> float:
        with torch.set_grad_enabled(training):
            solution = layer(leaf, initial, equation=equation, domain=domain, offset=offset, generator=torch.Generator().manual_seed(0))
        if training:
            solution.residual.norm().backward()
        return float(solution.statistics.steps.double().mean())

    steps, times = run(), []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times), held_by_solve(layer, domain, equation, leaf, initial), steps


@torch.no_grad()
def held_by_solve(layer: HardConstraint, domain: SpaceTime, equation: Equation, basis: torch.Tensor, initial: torch.Tensor) -> float:
    """MiB of the tables at the sampled points and of one Jacobian: what grows with the number of points."""
    tabulated = layer.tabulate(basis, None, equation, domain)
    system, arrays = layer.system(tabulated, initial, layer.partition(domain), torch.Generator().manual_seed(0))
    start = torch.full((len(arrays[0]), basis.shape[1]), 0.1, dtype=torch.float64)
    held = [*arrays, system.jacobian(start, *arrays)]
    return sum(array.nelement() * array.element_size() for array in held) / 2**20


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problem", choices=PROBLEMS, default=PROBLEMS[0])
    parser.add_argument("--points", type=int, nargs="+", default=[100, 1000, 10_000, 100_000])
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    table = Table(title=f"{options.problem}: one constraint against four experts, each with a quarter of the points; {torch.get_num_threads()} threads")
    for column in ("points", "mode", "single ms", "mixture ms", "speed-up", "single MiB", "mixture MiB", "steps single / mixture"):
        table.add_column(column, justify="right")
    for count in options.points:
        for training in (True, False):
            one = measure(options.problem, count, 1, training=training, repeats=options.repeats)
            four = measure(options.problem, max(1, count // 4), 4, training=training, repeats=options.repeats)
            mode = "training" if training else "inference"
            sizes = (f"{one[0]:.0f}", f"{four[0]:.0f}", f"{one[0] / four[0]:.2f}", f"{one[1]:.0f}", f"{four[1]:.0f}", f"{one[2]:.1f} / {four[2]:.1f}")
            table.add_row(str(count), mode, *sizes)
    Console(width=150).print(table)
    Console().print(f"load when done: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
