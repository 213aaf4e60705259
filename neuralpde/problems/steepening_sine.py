"""The sine that Burgers' equation turns into a front."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.equations import Burgers
from neuralpde.problems.base import Problem
from neuralpde.problems.domains import Box
from neuralpde.problems.envelopes import BoxEnvelope, ProductEnvelope, TimeEnvelope
from neuralpde.problems.initial_boundary import InitialValue, KnownOnWalls

__all__ = ["SteepeningSine"]

NODES = 100
"""Of the Gauss–Hermite rule; for viscosities down to 0.01/π and times up to 1, twice as many change the solution by less than 1e-12."""


class SteepeningSine(Problem):
    r"""uₜ + u uₓ = ν uₓₓ on [−1, 1], u(x, 0) = −sin πx, u(±1, t) = 0: around t = 1/π the sine becomes a front of thickness about ν.

    Coordinates are (x, t). The solution is that of Cole and Hopf, both integrals by Gauss–Hermite quadrature in float64:

        u = −∫ sin π(x−η) w dη / ∫ w dη,   w = exp(−cos π(x−η)/(2πν) − η²/(4νt)).

    Args:
        viscosity: ν > 0; 0.01/π in most published runs.
        end: final time.
        constrained: build initial and boundary values into the network, −sin πx + t (1 − x²) n; otherwise they are terms of the loss.

    Limits: the quadrature is accurate for ν ≥ 0.01/π and t ≤ 1.

    Reference: Basdevant et al., Spectral and finite difference solutions of the Burgers equation, 1986; as a test of physics-informed training: Raissi,
    Perdikaris & Karniadakis, Physics-informed neural networks, 2019.
    """

    has_time = True

    def __init__(self, viscosity: float = 0.01 / math.pi, *, end: float = 1.0, constrained: bool = True) -> None:
        super().__init__()
        self.viscosity = viscosity
        self.equation = Burgers(viscosity)
        box = Box([-1.0, 0.0], [1.0, end])
        self.domain = box
        if constrained:
            self.envelope = ProductEnvelope([TimeEnvelope(), BoxEnvelope([-1.0], [1.0])])
            self.lifting = _start
        else:
            self.conditions = (InitialValue(box, self.exact), KnownOnWalls(box, self.exact))

    @override
    def exact(self, x: Tensor) -> Tensor:
        return torch.cat([self._quadrature(block) for block in x.split(4096)])

    def _quadrature(self, x: Tensor) -> Tensor:
        place, time = x.double().unbind(-1)
        nodes, weights = (torch.from_numpy(values).to(place) for values in np.polynomial.hermite.hermgauss(NODES))
        shifted = math.pi * (place[:, None] - torch.sqrt(4 * self.viscosity * time)[:, None] * nodes)
        # Exponents reach 1/(2πν) = 50 in both directions; only their differences matter.
        mass = weights * torch.exp(-(torch.cos(shifted) + 1) / (2 * math.pi * self.viscosity))
        return (-(torch.sin(shifted) * mass).sum(-1) / mass.sum(-1)).to(x.dtype)


def _start(x: Tensor) -> Tensor:
    return -torch.sin(math.pi * x[..., :1])
