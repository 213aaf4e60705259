"""A classical run that ends in a blow-up keeps the frames before it."""

from __future__ import annotations

import torch
from torch import Tensor

from neuralpde.rollout import Stepper

__all__ = ["FAILURES", "UntilFailure"]

FAILURES = (FloatingPointError, ValueError)
"""How a classical solver says that it cannot go on: the state is not finite, or moves too fast for the step."""


class UntilFailure(Stepper):
    """A solver whose states are NaN from the step on at which it fails, instead of an error.

    Args:
        stepper: a solver **of a single trajectory**: an error does not say which trajectory of a batch it is about.

    Attributes:
        reason: what the solver said; empty as long as it goes on.
    """

    def __init__(self, stepper: Stepper) -> None:
        self.stepper, self.reason = stepper, ""
        self.grid, self.dt = stepper.grid, stepper.dt

    def __call__(self, u: Tensor, t: float = 0.0) -> Tensor:
        """See :class:`~neuralpde.rollout.Stepper`."""
        if self.reason:
            return torch.full_like(u, torch.nan)
        try:
            return self.stepper(u, t)
        except FAILURES as error:
            self.reason = str(error)
            return torch.full_like(u, torch.nan)
