"""Outputs corrected so that a prediction keeps an invariant of the equation."""

from __future__ import annotations

from torch import Tensor
from typing_extensions import override

from neuralpde.models.neural_stepper import Difference

__all__ = ["ConservingDifference"]


class ConservingDifference(Difference):
    r"""The output is the scaled change less its spatial mean: u_{k+l} = u_k + scale · (d_l − ⟨d_l⟩) in every channel.

    The smallest correction in L² that conserves what a periodic equation in conservation form conserves, in training and in rollouts.

    Args:
        scale: change that an output of one stands for.

    Limits: uniform grids without flux through their boundary.

    Reference: McGreivy & Hakim, "Invariant preservation in machine learned PDE solvers via error correction", 2023, for linear invariants.
    """

    @override
    def __call__(self, last: Tensor, output: Tensor, dt: float) -> Tensor:
        mean = output.mean(dim=tuple(range(3, output.ndim)), keepdim=True)
        return super().__call__(last, output - mean, dt)
