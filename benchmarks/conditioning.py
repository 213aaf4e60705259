"""How boundary conditions and rescaling change the condition of a physics-informed loss.

    python benchmarks/conditioning.py [--width 32 --points 256 --seeds 3]

λ₁/λ_k of the linearised loss, k = 10, 30, 100, for networks at their initial weights: boundary values as a term of weight 1, as a term of the weight that
makes λ₁/λ₁₀₀ least, and built into the network; each as it is and with every parameter rescaled so that all matter alike. Geometric means over seeds.
"""

from __future__ import annotations

import argparse
import math

import torch
from torch import Tensor

from neuralpde.equations import Equation, Helmholtz, Poisson
from neuralpde.losses import ByTaylorMode
from neuralpde.losses.physics import Spectrum, best_weight, loss_jacobian
from neuralpde.models import MLP, constrain
from neuralpde.problems import BoxProblem, SineProduct

LEADING = (10, 30, 100)


def rows(equation: Equation, *, constrained: bool, width: int, points: int, seed: int) -> Tensor:
    """J of an untrained network with conditions of weight 1."""
    problem = BoxProblem(equation, SineProduct([[1, 4]]), lower=[-1.0, -1.0], upper=[1.0, 1.0], constrained=constrained).double()
    torch.manual_seed(seed)
    network = constrain(problem, MLP(2, width=width)).double()
    return loss_jacobian(problem, network, ByTaylorMode(), num_points=points, seed=seed)


def weighted(jacobian: Tensor, points: int, weight: float) -> Tensor:
    """The same with conditions of another weight; their rows come last."""
    return torch.cat([jacobian[:points], weight**0.5 * jacobian[points:]])


def report(name: str, jacobians: list[Tensor]) -> None:
    cells = []
    for spectrum in (Spectrum.of, Spectrum.of_rescaled):
        for k in LEADING:
            logarithms = [math.log(spectrum(jacobian).condition(k)) for jacobian in jacobians]
            cells.append(f"{math.exp(sum(logarithms) / len(logarithms)):9.1e}")
    print(f"{name:<44}" + " ".join(cells), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in (("width", 32), ("points", 256), ("seeds", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{'':<44}" + " ".join(f"{f'k={k}':>9}" for k in LEADING) + " " + " ".join(f"{f'P, k={k}':>9}" for k in LEADING))
    for equation in (Poisson(), Helmholtz(wavenumber=10.0)):
        label, sizes = type(equation).__name__, {"width": chosen.width, "points": chosen.points}
        soft = [rows(equation, constrained=False, seed=seed, **sizes) for seed in range(chosen.seeds)]
        report(f"{label}, boundary term, weight 1", soft)
        best = best_weight(lambda w, first=soft[0]: Spectrum.of(weighted(first, chosen.points, w)).condition(100), iterations=10)
        report(f"{label}, boundary term, weight {best:.3g}", [weighted(jacobian, chosen.points, best) for jacobian in soft])
        report(f"{label}, built in", [rows(equation, constrained=True, seed=seed, **sizes) for seed in range(chosen.seeds)])


if __name__ == "__main__":
    main()
