"""One million dimensions: seconds per training step and peak memory of sine-Gordon with two- and three-body solutions.

    python benchmarks/stde_million.py [--dimension 1000000] [--steps 5] [--threads 2] [--device cpu]

Δu + sin u = g in the unit ball, u = (1 − |x|²) net(x), four linear layers of width 128 (128,033,281 parameters at one million), 100 new points and 16 new
coordinates per step, Adam. A step contains sampling, forcing (closed form, ten points at a time), loss, gradient and update.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from neuralpde.derivatives import SparseDirections, laplacian

POINTS, V, WIDTH = 100, 16, 128


def two_body(x: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Q, x·∇Q and ΔQ of Q = Σ cᵢ sin(xᵢ + cos xᵢ₊₁ + xᵢ₊₁ cos xᵢ)."""
    a, b = x[:, :-1], x[:, 1:]
    angle = a + torch.cos(b) + b * torch.cos(a)
    first, second = 1 - b * torch.sin(a), torch.cos(a) - torch.sin(b)
    sine, cosine = torch.sin(angle), torch.cos(angle)
    bent = -sine * (first.square() + second.square()) - cosine * (b * torch.cos(a) + torch.cos(b))
    return sine @ c[:-1], (cosine * (first * a + second * b)) @ c[:-1], bent @ c[:-1]


def three_body(x: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Q, x·∇Q and ΔQ of Q = Σ cᵢ exp(xᵢ xᵢ₊₁ xᵢ₊₂)."""
    p, q, r = x[:, :-2], x[:, 1:-1], x[:, 2:]
    product = p * q * r
    e = torch.exp(product)
    squares = (q * r).square() + (p * r).square() + (p * q).square()
    return e @ c[:-2], 3 * (e * product) @ c[:-2], (e * squares) @ c[:-2]


def forcing(x: Tensor, c: Tensor, body: Callable) -> Tensor:
    """Δu* + sin u* for u* = (1 − |x|²) Q."""
    rows = []
    for part in x.split(10):
        q, radial, bent = body(part, c)
        shape = 1 - part.square().sum(-1)
        rows.append(shape * bent - 4 * radial - 2 * x.shape[1] * q + torch.sin(shape * q))
    return torch.cat(rows)[:, None]


def check() -> None:
    """The closed forms against exact jets."""
    x, c = 0.5 * torch.randn(3, 6, dtype=torch.float64), torch.randn(6, dtype=torch.float64)
    for body in (two_body, three_body):

        def u(y, body=body):
            a, b = y[:, :-1], y[:, 1:]
            q = torch.sin(a + torch.cos(b) + b * torch.cos(a)) @ c[:-1] if body is two_body else torch.exp(a[:, :-1] * b[:, :-1] * y[:, 2:]) @ c[:-2]
            return ((1 - (y * y).sum(-1)) * q)[:, None]

        value, lap = laplacian(u, x)
        torch.testing.assert_close(forcing(x, c, body), lap + torch.sin(value))


def training_step(body: Callable, d: int, device: str) -> Callable[[], float]:
    """One step of training, which returns its loss."""
    source, law = torch.Generator(device).manual_seed(0), SparseDirections(V, torch.Generator().manual_seed(0))
    net = nn.Sequential(nn.Linear(d, WIDTH), nn.Tanh(), nn.Linear(WIDTH, WIDTH), nn.Tanh(), nn.Linear(WIDTH, WIDTH), nn.Tanh(), nn.Linear(WIDTH, 1)).to(device)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)
    c = torch.randn(d, generator=source, device=device)

    def step() -> float:
        x = torch.randn(POINTS, d, generator=source, device=device)
        x *= torch.rand(POINTS, 1, generator=source, device=device) / x.norm(dim=1, keepdim=True)
        g = forcing(x, c, body)
        optimizer.zero_grad()
        u, lap = laplacian(lambda y: (1 - (y * y).sum(-1, keepdim=True)) * net(y), x, law)
        loss = (lap + torch.sin(u) - g).square().mean()
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    return step


def report(body: Callable, step: Callable[[], float], steps: int, device: str) -> None:
    """Times of the steps after the first, and the peak memory of the whole process so far."""
    step()
    wall, cpu, loss = [], [], 0.0
    for _ in range(steps):
        start, start_cpu = time.perf_counter(), time.process_time()
        loss = step()
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - start_cpu)
    peak = torch.cuda.max_memory_allocated() / 2**30 if device != "cpu" else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{body.__name__:<11} wall {min(wall):.3f} / {statistics.median(wall):.3f} s, cpu {min(cpu):.3f} / {statistics.median(cpu):.3f} s per step"
        f" (minimum / median)   peak {peak:.2f} GiB   loss {loss:.3g}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--dimension", type=int, default=1_000_000)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    check()
    d, device = a.dimension, a.device
    print(f"{d} dimensions on {device}, {a.threads} threads, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for body in (two_body, three_body):
        report(body, training_step(body, d, device), a.steps, device)


if __name__ == "__main__":
    main()
