"""Jets along straight lines against nested differentiation, order by order, and the exact Laplacian against plain forward passes.

    python benchmarks/taylor_mode.py [--seconds 4]

One thread; CPU time in milliseconds, minimum over the repetitions (wall time suffers from other jobs). First: an exact Laplacian of 50 variables in
units of d + 2 forward passes, without and with parameter gradients. Second: loss and parameter gradient of D^K u[v, …, v] for 1000 points in 3
dimensions. Third: training steps of equations of order four, the residual alone and all of a step (walls, SOAP), with jets and with nested reverse
mode. Networks have 4 linear layers and tanh.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from neuralpde.derivatives import directional, laplacian
from neuralpde.equations import KadomtsevPetviashvili, KortewegDeVries2d
from neuralpde.losses import ByReverseMode, ByTaylorMode, Differentiation, MeanSquare, PhysicsLoss
from neuralpde.models import MLP, constrain
from neuralpde.modules import SOAP
from neuralpde.problems import InitialBoundaryProblem


def network(ndim: int, width: int) -> nn.Module:
    return nn.Sequential(nn.Linear(ndim, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1))


def cpu_time(step: Callable[[], object], seconds: float) -> float:
    """Least CPU time of one step in milliseconds."""
    step()
    times = []
    end = time.perf_counter() + seconds
    while len(times) < 3 or (time.perf_counter() < end and len(times) < 200):
        start = time.process_time()
        step()
        times.append(1e3 * (time.process_time() - start))
    return min(times)


def nested_jvp(f: Callable[[Tensor], Tensor], x: Tensor, v: Tensor, order: int) -> Tensor:
    for _ in range(order):
        f = (lambda g: lambda y: torch.func.jvp(g, (y,), (v,))[1])(f)
    return f(x)


def nested_reverse(f: Callable[[Tensor], Tensor], x: Tensor, v: Tensor, order: int) -> Tensor:
    s = torch.zeros(len(x), 1, requires_grad=True)
    y = f(x + s * v)
    for _ in range(order):
        (y,) = torch.autograd.grad(y.sum(), s, create_graph=True)
    return y


def orders(seconds: float) -> None:
    torch.manual_seed(0)
    net, x, v = network(3, 128), torch.randn(1000, 3), torch.randn(1000, 3)

    print("order      jets   nested jvp   nested reverse")
    for order in (1, 2, 3, 4, 5, 7, 9):
        row = [cpu_time(trained(net, lambda k=order: directional(net, x, v[None], order=k)[1]), seconds)]
        if order <= 4:
            row.append(cpu_time(trained(net, lambda k=order: nested_jvp(net, x, v, k)), seconds))
            row.append(cpu_time(trained(net, lambda k=order: nested_reverse(net, x, v, k)), seconds))
        print(f"{order:>5} " + " ".join(f"{value:10.1f}" for value in row), flush=True)


def trained(net: nn.Module, evaluate: Callable[[], Tensor]) -> Callable[[], None]:
    def step() -> None:
        net.zero_grad()
        evaluate().square().mean().backward()

    return step


def laplacian_row(points: int, width: int, seconds: float) -> None:
    net, x = network(50, width), torch.randn(points, 50)
    with torch.no_grad():
        forward, full = cpu_time(lambda: net(x), seconds), cpu_time(lambda: laplacian(net, x), seconds)
    plain, both = cpu_time(trained(net, lambda: net(x)), seconds), cpu_time(trained(net, lambda: laplacian(net, x)[1]), seconds)
    print(
        f"{points:>5} points, width {width:>4}: {forward:8.2f} {full:8.2f} ms  ratio {full / forward / 52:5.2f}"
        f"   {plain:8.2f} {both:8.2f} ms  ratio {both / plain / 52:5.2f}",
        flush=True,
    )


def exact_laplacian(seconds: float) -> None:
    print("exact Laplacian of 50 variables: forward pass, Laplacian, ratio per (d + 2) passes; and with parameter gradients")
    for points, width in ((100, 128), (1000, 128), (100, 512)):
        laplacian_row(points, width, seconds)


def training_step(problem: InitialBoundaryProblem, differentiation: Differentiation, points: int, width: int) -> tuple[Callable[[], None], Callable[[], None]]:
    """A residual loss with its gradient, and a step of training as the shipped configurations do it."""
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    net = constrain(problem, MLP(problem.num_coordinates, width=width))
    x = problem.domain.sample(points, generator)
    residual = MeanSquare(differentiation)
    loss = PhysicsLoss(residual, condition_points=200)
    optimizer = SOAP(net.parameters())

    def step() -> None:
        optimizer.zero_grad()
        loss.weighting.total(loss.terms(problem, net, problem.domain.sample(points, generator), generator)).backward()
        optimizer.step()

    return trained(net, lambda: residual.residual(problem, net, x, generator)), step


def fourth_order(seconds: float) -> None:
    print("equations of order four: residual loss and gradient, all of a training step")
    print("equation                points width    jets  nested reverse  ratio      jets  nested reverse  ratio")
    for equation in (KadomtsevPetviashvili(), KortewegDeVries2d()):
        problem = InitialBoundaryProblem(equation, lower=[-3.0, -3.0], upper=[3.0, 3.0], end=0.5)
        for points, width in ((100, 128), (500, 64), (2000, 128)):
            steps = zip(*(training_step(problem, d, points, width) for d in (ByTaylorMode(), ByReverseMode())), strict=True)
            row = ""
            for jets, nested in steps:
                fast, slow = cpu_time(jets, seconds), cpu_time(nested, seconds)
                row += f" {fast:9.1f} {slow:15.1f} {slow / fast:6.2f}"
            print(f"{type(equation).__name__:<23} {points:>6} {width:>5}{row}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=4.0)
    seconds = parser.parse_args().seconds
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, one thread, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    exact_laplacian(seconds)
    orders(seconds)
    fourth_order(seconds)


if __name__ == "__main__":
    main()
