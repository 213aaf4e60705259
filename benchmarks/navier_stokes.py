"""Time of 16 trajectories of decaying vorticity on 128² points over 1000 steps, beside exponax on the same machine in the same run.

Run ``python benchmarks/navier_stokes.py --peer-python PYTHON``, where PYTHON is an interpreter that has exponax (the package itself is no
dependency of this project). Both sides take the same initial state, box, viscosity, step, precision and dealiasing, and ETDRK4. They
alternate in segments, so that a load that comes and goes meets both; each compiles or warms up first. Each runs in one process with all
cores and in one process per core, as generation does; the better layout counts. The final states are compared.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

VISCOSITY, STEP, LENGTH = 1e-3, 0.005, 2 * math.pi


def ours(initial: np.ndarray, steps: int) -> Callable[[], np.ndarray]:
    """Advances ``steps`` steps per call, and returns the state ``(batch, 1, n, n)``."""
    import torch

    from neuralpde.equations import VorticityNavierStokes
    from neuralpde.grids import Grid
    from neuralpde.solvers import ExponentialRungeKutta

    grid = Grid(initial.shape[-2:], 0.0, LENGTH)
    solver = ExponentialRungeKutta(VorticityNavierStokes(VISCOSITY), grid, steps * STEP, substeps=steps)
    state = torch.from_numpy(initial)

    def advance() -> np.ndarray:
        nonlocal state
        with torch.no_grad():
            state = solver(state)
        return state.numpy()

    return advance


def peers(initial: np.ndarray, steps: int) -> Callable[[], np.ndarray]:
    """The same by exponax: one compiled loop over a batch."""
    import jax

    jax.config.update("jax_enable_x64", initial.dtype == np.float64)
    import exponax
    import jax.numpy as jnp

    n = initial.shape[-1]
    # Its rule for 2/3 discards the largest mode that is still free of aliasing; a little more makes both sides keep the same modes.
    stepper = exponax.stepper.NavierStokesVorticity(2, LENGTH, n, STEP, diffusivity=VISCOSITY, order=4, dealiasing_fraction=2 / 3 + 2 / n)
    many = jax.jit(jax.vmap(exponax.repeat(stepper, steps)))
    # Its vorticity has the other sign, ∂v_x/∂y − ∂v_y/∂x.
    state = -jnp.asarray(initial)

    def advance() -> np.ndarray:
        nonlocal state
        state = jax.block_until_ready(many(state))
        return -np.asarray(state)

    return advance


def serve(build: Callable[[np.ndarray, int], Callable[[], np.ndarray]], file: Path, steps: int) -> None:
    """Child process: every line on its input makes it advance, store the state and answer."""
    advance = build(np.load(file), steps)
    for _ in sys.stdin:
        state = advance()
        print("done", flush=True)
    np.save(file, state)


class Side:
    """A solver in one process with all cores, or in one process per core with its share of the batch.

    Args:
        python: interpreter.
        kind: ``ours`` or ``peers``.
        initial: initial states.
        folder: where the states are exchanged.
        steps: steps per segment.
        cores: cores of each process.
    """

    def __init__(self, python: str, kind: str, initial: np.ndarray, folder: Path, steps: int, cores: list[list[int]]) -> None:
        self.results, self.processes = [], []
        for number, (part, own) in enumerate(zip(np.array_split(initial, len(cores)), cores, strict=True)):
            self.results.append(folder / f"{kind}-{len(cores)}-{number}.npy")
            np.save(self.results[-1], part)
            environment = {**os.environ, "OMP_NUM_THREADS": str(len(own)), "MKL_NUM_THREADS": str(len(own)), "JAX_PLATFORMS": "cpu"}
            pinned = ["taskset", "-c", ",".join(map(str, own)), python]
            command = [*pinned, __file__, "--serve", kind, "--file", str(self.results[-1]), "--steps", str(steps)]
            self.processes.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True))

    def advance(self) -> float:
        """Wall time of one segment."""
        start = time.perf_counter()
        for process in self.processes:
            process.stdin.write("next\n")
            process.stdin.flush()
        for process in self.processes:
            process.stdout.readline()
        return time.perf_counter() - start

    def finish(self) -> np.ndarray:
        """End the processes and return the last states."""
        for process in self.processes:
            process.communicate()
        return np.concatenate([np.load(result) for result in self.results])


def initial_state(batch: int, n: int, precision: str) -> np.ndarray:
    """Random vorticity with a ring of wavenumbers about 4 and largest speed 3, free of the modes that dealiasing discards."""
    import torch

    from neuralpde.derivatives import Fourier
    from neuralpde.grids import Grid
    from neuralpde.initial import RandomVorticity, stack_draws

    law = RandomVorticity(max_speed=3.0, max_mode=16)
    draws = [law(torch.Generator().manual_seed(seed)) for seed in range(batch)]
    return Fourier(Grid((n, n), 0.0, LENGTH)).lift(stack_draws(draws)).numpy().astype(precision)


def main() -> None:
    """Print seconds of both, their ratio and the difference of the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer-python", default=sys.executable)
    parser.add_argument("--precision", default="float32", choices=["float32", "float64"])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--segments", type=int, default=10)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--points", type=int, default=128)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--layouts", nargs="+", default=["one process", "one process per core"])
    parser.add_argument("--serve", choices=["ours", "peers"])
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    if options.serve:
        serve({"ours": ours, "peers": peers}[options.serve], options.file, options.steps)
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(options, Path(folder))


def compare(options: argparse.Namespace, folder: Path) -> None:
    """Alternate both sides and print what was measured."""
    initial = initial_state(options.batch, options.points, options.precision)
    cores = sorted(os.sched_getaffinity(0))[: options.cores]
    layouts = {"one process": [cores], "one process per core": [[core] for core in cores]}
    layouts = {name: layouts[name] for name in options.layouts}
    pythons = {"ours": sys.executable, "peers": options.peer_python}
    steps = options.steps // options.segments
    sides = {(kind, name): Side(python, kind, initial, folder, steps, layout) for kind, python in pythons.items() for name, layout in layouts.items()}
    for side in sides.values():
        side.advance()  # compiles, or warms up
    rounds = [[side.advance() for side in sides.values()] for _ in range(options.segments)]
    totals = dict(zip(sides, np.sum(rounds, axis=0), strict=True))
    states = {key: side.finish() for key, side in sides.items()}
    state, state_ref = (next(value for (side, _), value in states.items() if side == kind) for kind in pythons)
    gap = np.abs(state - state_ref).max() / np.abs(state_ref).max()
    print(f"{options.batch} × {options.points}², {options.steps} steps, {options.precision}, {len(cores)} cores, load {os.getloadavg()[0]:.1f}")
    print(f"relative difference of the final states {gap:.1e}")
    for (kind, name), seconds in totals.items():
        print(f"{'neuralpde' if kind == 'ours' else 'exponax  '} {name:21s} {seconds:7.1f} s")
    best = {kind: min(seconds for (side, _), seconds in totals.items() if side == kind) for kind in pythons}
    print(f"exponax / neuralpde, the better layout of each: {best['peers'] / best['ours']:.2f}")


if __name__ == "__main__":
    main()
