"""Points where the residual is large, chosen among many candidates."""

from __future__ import annotations

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.collocation.sampler import Residual, Sampler
from neuralpde.problems import Domain

__all__ = ["ResidualAdaptive", "residual_density"]


class ResidualAdaptive(Sampler):
    r"""Points of the density  p ∝ εᵏ / mean(εᵏ) + c  with ε = |r|, drawn from a pool of candidates that is renewed now and then.

    Args:
        ndim: number of coordinates.
        num_candidates: size of the pool; it is what a peak has to be found in.
        power: k; larger values concentrate more.
        floor: c > 0 keeps points everywhere; 0 gives up what is solved.
        every: steps between two renewals.

    Raises:
        ValueError: when it adapts, a problem with another number of coordinates.

    Limits: until the first renewal the points are those of the domain's own law. Candidates are points of the domain, so a peak narrower than their
    spacing is missed.

    Reference: Wu, Zhu, Tan, Kartha & Lu, A comprehensive study of non-adaptive and residual-based adaptive sampling for physics-informed neural networks, 2023.
    """

    candidates: Tensor
    density: Tensor

    def __init__(self, ndim: int, *, num_candidates: int = 10_000, power: float = 1.0, floor: float = 1.0, every: int = 100) -> None:
        super().__init__()
        self.power, self.floor, self.every = power, floor, every
        self.register_buffer("candidates", torch.zeros(num_candidates, ndim))
        self.register_buffer("density", torch.zeros(num_candidates))

    @override
    def adapt(self, residual: Residual, domain: Domain, generator: torch.Generator) -> None:
        if domain.ndim != self.candidates.shape[1]:
            raise ValueError(
                f"ResidualAdaptive: needs a domain of {self.candidates.shape[1]} coordinates, the time included, got {domain.ndim}; set the sampler's ndim."
            )
        pool = domain.sample(len(self.candidates), generator).to(self.candidates.device)
        self.candidates.copy_(pool)
        self.density.copy_(residual_density(residual(pool), self.power, self.floor))

    @override
    def points(self, domain: Domain, num_points: int, generator: torch.Generator) -> Tensor:
        if not self.density.any():
            return domain.sample(num_points, generator)
        chosen = torch.multinomial(self.density.cpu(), num_points, replacement=False, generator=generator)
        return self.candidates[chosen.to(self.candidates.device)]


def residual_density(size: Tensor, power: float, floor: float) -> Tensor:
    """εᵏ / mean(εᵏ) + c, not normalised, ``(points,)``; uniform where the residual is zero everywhere."""
    scaled = size**power
    mean = scaled.mean()
    return scaled / mean + floor if mean > 0 else torch.ones_like(size)
