"""Points of an evolution that are let into later times little by little."""

from __future__ import annotations

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.collocation.sampler import Residual, Sampler, Uniform
from neuralpde.problems import Box, Domain

__all__ = ["GrowingHorizon"]


class GrowingHorizon(Sampler):
    r"""Points of times up to a horizon that moves from T/M to T in M windows: one network, which learns the evolution from its beginning.

    Not a sequence of networks, one for each window: what is learnt first has to be kept, and points of all windows opened so far see to that.

    Args:
        windows: M.
        every: steps between two looks at the residual.
        tolerance: the next window opens when the mean square of the residual up to the horizon is below it; None opens one at every look.
        law: of the points up to the horizon; one that does not adapt.

    Raises:
        TypeError: the domain is no box.
        ValueError: a law that adapts.

    Limits: the last coordinate is taken for the time. Conditions on the walls keep their points at all times. With a tolerance that is not reached the
    later windows are never seen.

    Reference: Wight & Zhao, Solving Allen–Cahn and Cahn–Hilliard equations using the adaptive physics informed neural networks, 2021.
    """

    opened: Tensor

    def __init__(self, windows: int = 8, *, every: int = 250, tolerance: float | None = None, law: Sampler | None = None) -> None:
        super().__init__()
        self.law = law or Uniform()
        if self.law.every:
            raise ValueError(f"GrowingHorizon: needs a law that does not adapt, got {type(self.law).__name__}; use Uniform or Sobol.")
        self.windows, self.every, self.tolerance = windows, every, tolerance
        self.register_buffer("opened", torch.zeros((), dtype=torch.long))

    @override
    def points(self, domain: Domain, num_points: int, generator: torch.Generator) -> Tensor:
        return self.law.points(self.until_horizon(domain), num_points, generator)

    @override
    def adapt(self, residual: Residual, domain: Domain, generator: torch.Generator) -> None:
        if self.opened == self.windows:
            return
        if self.opened == 0 or self.tolerance is None or residual(self.points(domain, 1024, generator)).square().mean() < self.tolerance:
            self.opened += 1

    def until_horizon(self, domain: Domain) -> Box:
        """The part of a box that is open."""
        if not isinstance(domain, Box):
            raise TypeError(f"GrowingHorizon: needs a domain of type Box, got {type(domain).__name__}; use Uniform.")
        start, end = domain.lower[-1], domain.upper[-1]
        share = max(int(self.opened), 1) / self.windows
        return Box(domain.lower, [*domain.upper[:-1], start + (end - start) * share])
