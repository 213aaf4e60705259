"""Where the residual is evaluated: independent, evenly spread, or fixed points."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor, nn
from typing_extensions import override

from neuralpde.problems import Box, Domain

__all__ = ["Residual", "Sampler", "Sobol", "Uniform", "effective_sample_size"]

Residual = Callable[[Tensor], Tensor]
"""Size of the residual at points, ``(points, coordinates)`` → ``(points,)``, without a tape."""


class Sampler(nn.Module, ABC):
    """A law of training points. What it has learnt is held in buffers, so that a checkpoint has it.

    Attributes:
        every: steps between two calls of :meth:`adapt`; 0 for never.
    """

    every: int = 0

    @abstractmethod
    def points(self, domain: Domain, num_points: int, generator: torch.Generator) -> Tensor:
        """Points inside, ``(points, coordinates)``, on the device of the sampler's buffers or on the CPU."""

    def adapt(self, residual: Residual, domain: Domain, generator: torch.Generator) -> None:
        """Learn from the present residual; nothing by default."""
        del residual, domain, generator

    def weights(self, x: Tensor, domain: Domain) -> Tensor | None:
        """Weights of its points in the loss, ``(points,)``; None, the default, for equal ones."""
        del x, domain
        return None

    def log_density(self, x: Tensor, domain: Domain) -> Tensor:
        """Logarithm of the density of the points, up to a constant, ``(points,)``; 0 for the domain's own law."""
        del domain
        return torch.zeros(len(x), device=x.device)


class Uniform(Sampler):
    """Independent points of the domain's own law, new at every draw."""

    @override
    def points(self, domain: Domain, num_points: int, generator: torch.Generator) -> Tensor:
        return domain.sample(num_points, generator)


class Sobol(Sampler):
    """Scrambled Sobol points in a box, a new scrambling at every draw: the same mean as independent points, a much smaller variance for smooth residuals.

    Raises:
        TypeError: the domain is no box.

    Limits: powers of two keep the balance; at most 21201 coordinates.

    Reference: Owen, Randomly permuted (t, m, s)-nets and (t, s)-sequences, 1995.
    """

    @override
    def points(self, domain: Domain, num_points: int, generator: torch.Generator) -> Tensor:
        if not isinstance(domain, Box):
            raise TypeError(f"Sobol: needs a domain of type Box, got {type(domain).__name__}; use Uniform.")
        seed = int(torch.randint(2**31 - 1, (1,), generator=generator))
        engine = torch.quasirandom.SobolEngine(domain.ndim, scramble=True, seed=seed)
        return domain.from_unit(engine.draw(num_points, dtype=torch.float64)).float()


def effective_sample_size(weights: Tensor) -> Tensor:
    """(Σw)²/Σw², a scalar: how many points of equal weight have the variance of these; all of them if the weights are equal.

    Reference: Kong, A note on importance sampling using standardized weights, 1992.
    """
    return weights.sum().square() / weights.square().sum()
