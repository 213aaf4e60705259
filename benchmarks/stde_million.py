"""One million dimensions: seconds per training step and peak memory of sine-Gordon with two- and three-body solutions.

    python benchmarks/stde_million.py [--dimension 1000000] [--steps 5] [--threads 2] [--device cpu] [--rows shared two_body three_body]

Δu + sin u = g in the unit ball, u = (1 − |x|²) net(x), four linear layers of width 128 (128,033,281 parameters at one million; 1,313,382 in the row with
the weight-shared first layer), 100 new points and 16 new coordinates per step, Adam. A step is that of ``experiment=stde/sine_gordon_million``: sampling,
source, loss, gradient and update.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import time
from collections.abc import Callable
from functools import partial

import torch
from torch import nn

from neuralpde.derivatives import SparseDirections
from neuralpde.equations import SineGordon
from neuralpde.losses import LaplacianBy, MeanSquare, PhysicsLoss
from neuralpde.models import MLP, BlockFilter, constrain
from neuralpde.modules import PhysicsInformed, TrainingPoints
from neuralpde.problems import EllipticBall, Interaction, ThreeBody, TwoBody

POINTS, V, BLOCK = 100, 16, 100
Row = tuple[type[Interaction], Callable[[int], nn.Module] | None]
ROWS: dict[str, Row] = {"two_body": (TwoBody, None), "three_body": (ThreeBody, None), "shared": (TwoBody, partial(BlockFilter, block=BLOCK))}


def training_step(row: Row, dimension: int, device: str) -> Callable[[int], float]:
    """A step of training by its number, which returns its loss."""
    interaction, features = row
    problem = EllipticBall(SineGordon(), interaction(dimension))
    network = constrain(problem, MLP(dimension, input_scale=1000 / dimension, output_scale=dimension**0.5, features=features))
    loss = PhysicsLoss(MeanSquare(LaplacianBy(partial(SparseDirections, count=V))))
    module = PhysicsInformed(problem, network, loss, points=TrainingPoints(POINTS), optimizer=partial(torch.optim.Adam, lr=1e-3, fused=True)).to(device)
    optimizer = module.make_optimizer(network.parameters())

    def step(number: int) -> float:
        total = loss.weighting.total(module.terms(number))
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        return float(total.detach())

    return step


def report(name: str, step: Callable[[int], float], steps: int, device: str) -> None:
    """Times of the steps after the first, and the peak memory of the whole process so far."""
    step(0)
    wall, cpu, loss = [], [], 0.0
    for number in range(1, steps + 1):
        start, start_cpu = time.perf_counter(), time.process_time()
        loss = step(number)
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - start_cpu)
    peak = torch.cuda.max_memory_allocated() / 2**30 if device != "cpu" else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{name:<11} wall {min(wall):.3f} / {statistics.median(wall):.3f} s, cpu {min(cpu):.3f} / {statistics.median(cpu):.3f} s per step"
        f" (minimum / median)   peak {peak:.2f} GiB   loss {loss:.3g}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--dimension", type=int, default=1_000_000)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=["shared", "two_body", "three_body"])  # the smallest first: peaks only rise
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    print(f"{a.dimension} dimensions on {a.device}, {a.threads} threads, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name in a.rows:
        report(name, training_step(ROWS[name], a.dimension, a.device), a.steps, a.device)


if __name__ == "__main__":
    main()
