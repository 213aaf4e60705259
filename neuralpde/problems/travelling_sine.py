"""A sine that travels around a periodic interval many times."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.equations import Advection
from neuralpde.problems.base import Problem
from neuralpde.problems.domains import Box
from neuralpde.problems.embeddings import PeriodicEmbedding
from neuralpde.problems.envelopes import TimeEnvelope
from neuralpde.problems.initial_boundary import InitialValue

__all__ = ["TravellingSine"]


class TravellingSine(Problem):
    r"""uₜ + c uₓ = 0 on the circle [0, 2π] from u₀ = sin x; the solution is sin(x − ct).

    Coordinates are (x, t), and a network gets cos x, sin x, t. All that determines the solution is at t = 0: constants have no residual, so for large c a
    network is right at the start and nearly zero later, which leaves a large residual only in a thin layer of times between the two.

    Args:
        velocity: c; for c ≥ 20 networks trained on all times at once are known to fail.
        end: final time.
        constrained: build u₀ into the network; otherwise it is a term of the loss.

    Reference: Krishnapriyan, Gholami, Zhe, Kirby & Mahoney, Characterizing possible failure modes in physics-informed neural networks, 2021.
    """

    equation: Advection  # pyright: ignore[reportIncompatibleVariableOverride]
    has_time = True

    def __init__(self, velocity: float = 30.0, *, end: float = 1.0, constrained: bool = True) -> None:
        super().__init__()
        self.velocity = velocity
        self.equation = Advection(velocity)
        box = Box([0.0, 0.0], [2 * math.pi, end])
        self.domain = box
        self.embedding = PeriodicEmbedding([2 * math.pi, None])
        if constrained:
            self.envelope = TimeEnvelope()
            self.lifting = _start
        else:
            self.conditions = (InitialValue(box, self.exact),)

    @override
    def residual(self, u: Field, d: Derivatives, x: Tensor) -> Field:
        del x
        return self.equation.residual(u, d)

    @override
    def exact(self, x: Tensor) -> Tensor:
        return self.equation.exact(x[:, 1], x[:, 0], profile=torch.sin)


def _start(x: Tensor) -> Tensor:
    return torch.sin(x[..., :1])
