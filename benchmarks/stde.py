"""One training step with an estimated Laplacian: collapsed jets against nested differentiation and JAX, in 100 to 100,000 dimensions.

    OMP_NUM_THREADS=1 python benchmarks/stde.py [--python PATH_WITH_JAX] [--dimensions 100 1000 ...] [--seconds 6]

Loss and parameter gradient of  Δu + sin u = g,  u = (1 − |x|²) net(x), with net of four linear layers of width 128 (tanh), 100 points,
16 coordinates drawn anew in every step and shared by all points. Every method runs in a process of its own with one thread, so that its peak memory
is its own, and is first checked against the jets. Wall time suffers from other jobs on the machine, CPU time hardly; both are printed, as minimum and
median over the steps, and ratios are those of CPU minima.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable

WIDTH, POINTS, V = 128, 100, 16
METHODS = ["jets, compiled", "jets, dense", "reverse, loop", "reverse, vectorised", "nested jvp"]


def measured(build: Callable[[], Callable[[], None]], seconds: float) -> dict[str, float]:
    """Times of one step in milliseconds, and what network, data and step add to the peak memory in MiB."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    step = build()
    step()
    wall, cpu = [], []
    end = time.perf_counter() + seconds
    while len(wall) < 3 or (time.perf_counter() < end and len(wall) < 300):
        start, start_cpu = time.perf_counter(), time.process_time()
        step()
        wall.append(1e3 * (time.perf_counter() - start))
        cpu.append(1e3 * (time.process_time() - start_cpu))
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return {
        "wall": min(wall),
        "wall median": statistics.median(wall),
        "cpu": min(cpu),
        "cpu median": statistics.median(cpu),
        "steps": len(wall),
        "peak": peak,
    }


def torch_step(method: str, d: int) -> Callable[[], None]:
    """The training step of a method in PyTorch, after a check of its second derivatives."""
    import torch
    from torch import nn

    from neuralpde.derivatives import RademacherDirections, SparseDirections, laplacian

    torch.set_num_threads(1)
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    net = nn.Sequential(nn.Linear(d, WIDTH), nn.Tanh(), nn.Linear(WIDTH, WIDTH), nn.Tanh(), nn.Linear(WIDTH, WIDTH), nn.Tanh(), nn.Linear(WIDTH, 1))
    points = torch.randn(POINTS, d)
    points *= torch.rand(POINTS, 1) / points.norm(dim=1, keepdim=True)
    forcing = torch.randn(POINTS, 1)

    def u(x):
        return (1 - (x * x).sum(-1, keepdim=True)) * net(x)

    def loop(x, picked):
        x = x.detach().requires_grad_()
        value = u(x)
        (slope,) = torch.autograd.grad(value.sum(), x, create_graph=True)
        return value, sum(torch.autograd.grad(slope[:, j].sum(), x, create_graph=True)[0][:, j] for j in picked.tolist())[:, None] * d / len(picked)

    def vectorised(x, picked):
        x = x.detach().requires_grad_()
        value = u(x)
        (slope,) = torch.autograd.grad(value.sum(), x, create_graph=True)
        rows = torch.nn.functional.one_hot(picked, d).to(x)[:, None].expand(-1, POINTS, -1)
        (second,) = torch.autograd.grad(slope, x, rows, create_graph=True, is_grads_batched=True)
        return value, second.gather(-1, picked[:, None, None].expand(-1, POINTS, 1)).sum(0) * d / len(picked)

    def nested_jvp(x, picked):
        rows = torch.nn.functional.one_hot(picked, d).to(x)

        def second(v):
            direction = v.expand_as(x)
            return torch.func.jvp(lambda y: torch.func.jvp(u, (y,), (direction,))[1], (x,), (direction,))[1]

        return u(x), torch.func.vmap(second)(rows).sum(0) * d / len(picked)

    def loss_of(value, estimate):
        return (estimate + torch.sin(value) - forcing).square().mean()

    sparse, dense = SparseDirections(V, generator), RademacherDirections(V, generator)
    compiled = torch.compile(lambda directions: loss_of(*laplacian(u, points, directions)), fullgraph=True)
    jets = {
        "jets": lambda: loss_of(*laplacian(u, points, sparse)),
        "jets, compiled": lambda: compiled(sparse.laplacian(points)),
        "jets, dense": lambda: loss_of(*laplacian(u, points, dense)),
    }
    others = {"reverse, loop": loop, "reverse, vectorised": vectorised, "nested jvp": nested_jvp}
    if method in others:
        picked = sparse.laplacian(points)
        expected = laplacian(u, points, picked)[1]
        error = (others[method](points, picked.tangents.indices)[1] - expected).abs().max() / expected.abs().max()
        if error > 1e-4:
            raise SystemExit(f"{method} differs by {float(error):.1e}")

    def step():
        net.zero_grad()
        loss = jets[method]() if method in jets else loss_of(*others[method](points, sparse.laplacian(points).tangents.indices))
        loss.backward()

    return step


def jax_step(d: int) -> Callable[[], None]:
    """The same estimator in JAX: jets of order two along one-hot directions, mapped over directions and points, compiled."""
    import jax
    import jax.numpy as jnp
    from jax.experimental.jet import jet

    keys = jax.random.split(jax.random.PRNGKey(0), 8)
    sizes = [d, WIDTH, WIDTH, WIDTH, 1]
    parameters = [(jax.random.normal(k, (m, n)) / m**0.5, jnp.zeros(n)) for k, m, n in zip(keys, sizes[:-1], sizes[1:], strict=False)]
    points = jax.random.normal(keys[5], (POINTS, d))
    points = points * jax.random.uniform(keys[6], (POINTS, 1)) / jnp.linalg.norm(points, axis=1, keepdims=True)
    forcing = jax.random.normal(keys[7], (POINTS,))

    def u(parameters, x):
        y = x
        for weight, bias in parameters[:-1]:
            y = jnp.tanh(y @ weight + bias)
        return (1 - jnp.sum(x * x)) * (y @ parameters[-1][0] + parameters[-1][1])[0]

    def residual(parameters, x, g, picked):
        def second(j):
            v = jax.nn.one_hot(j, d)
            return jet(lambda y: u(parameters, y), (x,), ((v, jnp.zeros_like(v)),))

        value, series = jax.vmap(second)(picked)
        return jnp.mean(series[1]) * d + jnp.sin(value[0]) - g

    @jax.jit
    def gradient(parameters, key):
        picked = jax.random.choice(key, d, (V,), replace=False)
        return jax.grad(lambda p: jnp.mean(jax.vmap(residual, (None, 0, 0, None))(p, points, forcing, picked) ** 2))(parameters)

    state = {"key": keys[4]}

    def step():
        state["key"], key = jax.random.split(state["key"])
        jax.block_until_ready(gradient(parameters, key))

    return step


def forked(method: str, d: int, seconds: float) -> dict[str, float] | None:
    """One method in PyTorch in a process of its own, which starts from this one; None if it failed, for lack of memory for instance."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=lambda: sender.send(measured(lambda: torch_step(method, d), seconds)))
    child.start()
    sender.close()
    try:
        return receiver.recv()
    except EOFError:
        return None
    finally:
        child.join()


def jax_rows(arguments: argparse.Namespace) -> dict[str, dict[str, float]]:
    """All dimensions in one process of the other interpreter; empty without one."""
    if not arguments.python:
        return {}
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false", "JAX_PLATFORMS": "cpu"}
    command = [arguments.python, __file__, "--child", "--seconds", str(arguments.seconds), "--dimensions", *map(str, arguments.dimensions)]
    # Pinned to one core, as the other methods use one thread.
    done = subprocess.run(["taskset", "-c", "0", *command], env=environment, capture_output=True, text=True, timeout=900)
    if done.returncode:
        print(done.stderr[-600:])
        return {}
    return json.loads(done.stdout.splitlines()[-1])


def show(d: int, method: str, row: dict[str, float] | None, ours: dict[str, float] | None) -> None:
    """One line of the table."""
    if row is None:
        print(f"{d:>8} {method:<20} not run", flush=True)
        return
    ratio = row["cpu"] / ours["cpu"] if ours else float("nan")
    print(
        f"{d:>8} {method:<20} cpu {row['cpu']:9.1f} / {row['cpu median']:9.1f} ms   wall {row['wall']:9.1f} / {row['wall median']:9.1f} ms"
        f"   x{ratio:6.1f}   +{row['peak']:7.0f} MiB   {int(row['steps'])} steps",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", default="", help="interpreter with JAX")
    parser.add_argument("--child", action="store_true", help="only the JAX steps, as JSON")
    parser.add_argument("--dimensions", type=int, nargs="+", default=[100, 1000, 10_000, 100_000])
    parser.add_argument("--methods", nargs="+", default=METHODS, choices=METHODS, help="what to compare with, besides JAX")
    parser.add_argument("--seconds", type=float, default=6.0)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps({str(d): measured(lambda d=d: jax_step(d), arguments.seconds) for d in arguments.dimensions}))
        return
    import neuralpde.derivatives  # noqa: F401  (once, before the processes fork)

    print(f"loss + parameter gradient, minimum / median; V = {V}, {POINTS} points; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    rows = jax_rows(arguments)
    for d in arguments.dimensions:
        ours = forked("jets", d, arguments.seconds)
        show(d, "jets", ours, ours)
        show(d, "JAX", rows.get(str(d)), ours)
        for method in arguments.methods:
            show(d, method, forked(method, d, arguments.seconds), ours)
    print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
