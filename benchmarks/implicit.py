"""Gradient through a constraint layer: time and accuracy, against other libraries for implicit differentiation, in one run.

    python benchmarks/implicit.py [--peers PYTHON] [--threads 2] [--only jaxopt optimistix]

The layer: 6 samples, 16 basis functions, 644 rows (500 residuals of uₜ + u uₓ = 0.01 uₓₓ, 64 initial values, 64 periodicity rows, 16 rows of a small ridge),
in float64. The loss is the mean squared residual at 300 other points, the gradient that by the tabulated terms of the basis. The reference solves each
sample to round-off and forms the dense implicit derivative from the Hessian by definition. PYTHON is an interpreter with jaxopt, optimistix or torchopt (the
``bench`` extra; for torchopt with torch and this package, too); what it cannot import is left out. Times are the median and the smallest of the repetitions,
with the processor time beside the wall time because the former does not see the load of the machine.

Each peer appears twice: with settings under which its gradient is right to 1e-6, and as it comes. What the former needs:

* jaxopt: ``implicit_diff_solve=solve_lu``. Its default is conjugate gradients on the normal equations to a relative residual of 1e-5. They square the condition
  numbers of the Hessians (5e3 to 1e6 here), so the iteration ends early and says nothing: the gradient is right for the best conditioned sample and wrong by
  30 to 50 % for the others, while the weights are right to 6e-7. More steps change nothing, a tolerance of 1e-12 mends it, too.
* optimistix: tolerances of 1e-7. With 1e-4 its forward iteration stops early; the backward pass is a dense solve and right.
* torchopt: ``solve_cg(rtol=1e-12, maxiter=5000)``. Its default is jaxopt's, with all samples in one system of 96 unknowns and 220 steps, also too few.
"""

from __future__ import annotations

import argparse
import functools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

NUM_SAMPLES, NUM_BASIS, NUM_POINTS, VISCOSITY = 6, 16, 500, 0.01
Arrays = dict[str, np.ndarray]


def problem(seed: int = 5) -> Arrays:
    """Term values of random tanh features at random points: u, uₓ, uₓₓ, uₜ as ``(sample, term, point, basis)``."""
    draw = np.random.default_rng(seed)  # from the default seed every solver reaches the same minimum within 50 steps
    shape = (NUM_SAMPLES, 1, NUM_BASIS)
    a, c, d = 6 * draw.standard_normal(shape), 2 * draw.standard_normal(shape), 1.5 * draw.standard_normal(shape)

    def terms(x: np.ndarray, t: np.ndarray) -> np.ndarray:
        b = np.tanh(a * (x[..., None] - 0.5) + c * t[..., None] + d)
        slope = 1 - b * b
        return np.stack([b, a * slope, -2 * a * a * b * slope, c * slope], 1)

    x0, edge = np.tile(np.arange(64) / 64, (NUM_SAMPLES, 1)), np.tile(np.linspace(0, 1, 32), (NUM_SAMPLES, 1))
    waves = np.arange(1, 4)
    amplitudes, phases = draw.standard_normal((2, NUM_SAMPLES, 3))
    initial = (amplitudes[:, None] / waves * np.sin(2 * np.pi * waves * x0[..., None] + 6 * phases[:, None])).sum(-1)
    jump = terms(0 * edge, edge) - terms(0 * edge + 1, edge)
    ridge = np.broadcast_to(0.01 * np.eye(NUM_BASIS), (NUM_SAMPLES, NUM_BASIS, NUM_BASIS))
    rows = np.concatenate([20**0.5 * terms(x0, 0 * x0)[:, 0], jump[:, 0], jump[:, 1], ridge], 1)
    return {
        "terms": terms(*draw.random((2, NUM_SAMPLES, NUM_POINTS))),
        "rows": rows,
        "target": np.concatenate([20**0.5 * initial, np.zeros((NUM_SAMPLES, 64 + NUM_BASIS))], 1),
        "other": terms(*draw.random((2, NUM_SAMPLES, 300))),
        "start": np.ones((NUM_SAMPLES, NUM_BASIS)),
    }


def burgers(w, terms):
    """uₜ + u uₓ − ν uₓₓ at the points of ``terms``, for arrays of either library; w ``(..., basis)``."""
    values = (terms @ w[..., None, :, None])[..., 0]
    u, ux, uxx, ut = (values[..., i, :] for i in range(4))
    return ut + u * ux - VISCOSITY * uxx


def timed(step: Callable[[], object], repeats: int) -> list[float]:
    """Median and smallest wall time, smallest processor time, in milliseconds."""
    step()
    wall, cpu = [], []
    for _ in range(repeats):
        before, spent = time.perf_counter(), time.process_time()
        step()
        wall.append(1e3 * (time.perf_counter() - before))
        cpu.append(1e3 * (time.process_time() - spent))
    return [statistics.median(wall), min(wall), min(cpu)]


def torch_rows(torch):
    """Residual, Jacobian and curvature of the layer in PyTorch."""

    def residual(w, terms, rows, target):
        return torch.cat([burgers(w, terms), (rows @ w[..., None])[..., 0] - target], -1)

    def jacobian(w, terms, rows, target):
        u, ux = (terms[..., :2, :, :] @ w[..., None, :, None]).unbind(-3)
        return torch.cat([terms[..., 3, :, :] - VISCOSITY * terms[..., 2, :, :] + u * terms[..., 1, :, :] + ux * terms[..., 0, :, :], rows], -2)

    def curvature(w, terms, rows, target):
        half = (burgers(w, terms)[..., None] * terms[..., 0, :, :]).mT @ terms[..., 1, :, :]
        return half + half.mT

    return residual, jacobian, curvature


def reference(data: Arrays) -> np.ndarray:
    """Gradient by definition: Newton to round-off with the dense Hessian, one linear solve, one reverse pass."""
    import torch

    residual, _, _ = torch_rows(torch)
    from neuralpde.implicit import LevenbergMarquardt

    arrays = {key: torch.as_tensor(value) for key, value in data.items()}
    parts = arrays["terms"], arrays["rows"], arrays["target"]
    start = LevenbergMarquardt(max_steps=500, on_failure="ignore")(residual, arrays["start"], *parts, batch_dims=1).x
    gradients = []
    for i in range(NUM_SAMPLES):
        terms, rows, target = (part[i] for part in parts)
        cost = lambda w, terms, rows=rows, target=target: 0.5 * residual(w, terms, rows, target).square().sum()  # noqa: E731
        slope, w = torch.func.grad(cost), start[i]
        for _ in range(10):
            w = w - torch.linalg.solve(torch.func.jacrev(slope)(w, terms), slope(w, terms))
        upstream = torch.func.grad(lambda w, i=i: burgers(w, arrays["other"][i]).square().sum() / (300 * NUM_SAMPLES))(w)
        multiplier = torch.linalg.solve(torch.func.jacrev(slope)(w, terms), upstream)
        gradients.append(-torch.func.vjp(lambda terms, w=w, slope=slope: slope(w, terms), terms)[1](multiplier)[0])
    return torch.stack(gradients).numpy()


def run_neuralpde(data: Arrays, repeats: int, closed_form: bool = True):
    import torch

    from neuralpde.implicit import LevenbergMarquardt

    residual, jacobian, curvature = torch_rows(torch)
    arrays = {key: torch.as_tensor(value) for key, value in data.items()}
    solver = LevenbergMarquardt(jacobian=jacobian, curvature=curvature) if closed_form else LevenbergMarquardt(max_steps=100, tolerance=1e-8)
    terms = arrays["terms"].requires_grad_()

    def forward():
        return solver(residual, arrays["start"], terms, arrays["rows"], arrays["target"], batch_dims=1).x

    def both():
        terms.grad = None
        burgers(forward(), arrays["other"]).square().mean().backward()

    forward_times, both_times = timed(forward, repeats), timed(both, repeats)
    return terms.grad.numpy(), forward_times, both_times


def run_torchopt(data: Arrays, repeats: int, exact: bool = True):
    """Our forward solve under torchopt's decorator."""
    import torch
    import torchopt

    from neuralpde.implicit import LevenbergMarquardt

    residual, jacobian, curvature = torch_rows(torch)
    arrays = {key: torch.as_tensor(value) for key, value in data.items()}
    terms, inner = arrays["terms"].requires_grad_(), LevenbergMarquardt(jacobian=jacobian, curvature=curvature)

    def optimality(w, terms, rows, target):
        return (residual(w, terms, rows, target)[..., None, :] @ jacobian(w, terms, rows, target))[..., 0, :]

    backward = torchopt.linear_solve.solve_cg(rtol=1e-12, maxiter=5000) if exact else torchopt.linear_solve.solve_normal_cg()

    @torchopt.diff.implicit.custom_root(optimality, argnums=1, solve=backward)
    def solver(start, terms, rows, target):
        return inner(residual, start, terms, rows, target, batch_dims=1).x.detach()

    def forward():
        return solver(arrays["start"], terms, arrays["rows"], arrays["target"])

    def both():
        terms.grad = None
        burgers(forward(), arrays["other"]).square().mean().backward()

    forward_times, both_times = timed(forward, repeats), timed(both, repeats)
    return terms.grad.numpy(), forward_times, both_times


def run_jax(solve, data: Arrays, repeats: int):
    """Time and gradient of a layer given as ``solve(residual, start, (terms, rows, target)) → w`` of one sample."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    arrays = {key: jnp.asarray(value) for key, value in data.items()}

    def residual(w, parts):
        terms, rows, target = parts
        return jnp.concatenate([burgers(w, terms), rows @ w - target])

    def layer(terms):
        return jax.vmap(lambda w, *parts: solve(residual, w, parts))(arrays["start"], terms, arrays["rows"], arrays["target"])

    forward = jax.jit(layer)
    gradient = jax.jit(jax.grad(lambda terms: jnp.mean(burgers(layer(terms), arrays["other"]) ** 2)))
    forward_times = timed(lambda: forward(arrays["terms"]).block_until_ready(), repeats)
    both_times = timed(lambda: gradient(arrays["terms"]).block_until_ready(), repeats)
    return np.asarray(gradient(arrays["terms"])), forward_times, both_times


def run_jaxopt(data: Arrays, repeats: int, exact: bool = True):
    from jaxopt import LevenbergMarquardt, linear_solve

    backward = linear_solve.solve_lu if exact else None

    def solve(residual, start, parts):
        solver = LevenbergMarquardt(residual, maxiter=50, tol=1e-4, materialize_jac=True, solver="cholesky", implicit_diff_solve=backward)
        return solver.run(start, parts).params

    return run_jax(solve, data, repeats)


def run_optimistix(data: Arrays, repeats: int, tolerance: float = 1e-7):
    import optimistix

    def solve(residual, start, parts):
        solver = optimistix.LevenbergMarquardt(rtol=tolerance, atol=tolerance)
        return optimistix.least_squares(residual, solver, start, parts, max_steps=50, throw=False).value

    return run_jax(solve, data, repeats)


@dataclass(frozen=True)
class Entry:
    """One row of the table."""

    label: str
    run: Callable[..., tuple[np.ndarray, list[float], list[float]]]
    peer: bool = False
    """Runs in the interpreter of the peers."""
    repeats: int | None = None
    """At most so many repetitions, for what takes long."""


ENTRIES = {
    "neuralpde": Entry("neuralpde, Jacobian and curvature in closed form", run_neuralpde),
    "residual": Entry("neuralpde, residual function only", functools.partial(run_neuralpde, closed_form=False)),
    "jaxopt": Entry("jaxopt, dense Jacobian and Cholesky, tolerance 1e-4, LU backward", run_jaxopt, peer=True),
    "jaxopt_default": Entry("jaxopt, the same with its default backward solve", functools.partial(run_jaxopt, exact=False), peer=True),
    "optimistix": Entry("optimistix, QR, tolerance 1e-7", run_optimistix, peer=True),
    "optimistix_loose": Entry("optimistix, QR, tolerance 1e-4", functools.partial(run_optimistix, tolerance=1e-4), peer=True),
    "torchopt": Entry("torchopt around the first solver, CG to 1e-12", run_torchopt, peer=True, repeats=10),
    "torchopt_default": Entry("torchopt, the same with its default backward solve", functools.partial(run_torchopt, exact=False), peer=True, repeats=3),
}


def measure(name: str, folder: Path, repeats: int) -> None:
    """One library, in this process; result to ``folder``."""
    gradient, forward, both = ENTRIES[name].run(dict(np.load(folder / "problem.npz")), repeats)
    np.savez(folder / f"{name}.npz", gradient=gradient, forward=forward, both=both)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default=sys.executable, help="interpreter that has the other libraries")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--only", nargs="+", choices=ENTRIES, default=list(ENTRIES), help="rows to measure")
    parser.add_argument("--measure", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure[0], Path(options.measure[1]), options.repeats)
        return
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads), "MKL_NUM_THREADS": str(options.threads)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = problem()
        np.savez(folder / "problem.npz", **data)
        exact = reference(data)
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {options.threads} threads\n")
        print("| library | forward ms | forward + backward ms | smallest | processor ms | gradient error |\n|---|---|---|---|---|---|")
        for library in options.only:
            entry = ENTRIES[library]
            repeats = min(options.repeats, entry.repeats or options.repeats)
            command = [options.peers if entry.peer else sys.executable, __file__, "--measure", library, name, "--repeats", str(repeats)]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"| {entry.label} | did not run: {done.stderr.strip().splitlines()[-1][:90]} | | | | |", flush=True)
                continue
            found = np.load(folder / f"{library}.npz")
            error = np.linalg.norm(found["gradient"] - exact) / np.linalg.norm(exact)
            print(
                f"| {entry.label} | {found['forward'][0]:.1f} | {found['both'][0]:.1f} | {found['both'][1]:.1f} | {found['both'][2]:.1f} | {error:.1e} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
