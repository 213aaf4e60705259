"""How much noise each step of a denoising process adds, computed in float64."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import override

__all__ = ["CosineSchedule", "ExponentialBetas", "ExponentialVariances", "NoiseSchedule", "PosteriorStep", "refinement_deviations"]


@dataclass(frozen=True)
class PosteriorStep:
    """One step back of a diffusion process,  y ← signal · ŝ + memory · y + noise · ε."""

    signal: float
    memory: float
    noise: float


class NoiseSchedule(ABC):
    r"""Levels t = 0 … T − 1 of a variance-preserving process,  y_t = √ᾱ_t s + √(1 − ᾱ_t) ε  with ᾱ_t = ∏ (1 − β_r), r ≤ t; the last is the noisiest.

    Everything is float64 on the CPU: in single precision the smallest 1 − ᾱ₀ of a refinement (4e-7) would be a few units in the last place of
    one, and wrong by 4 % or more.
    """

    @abstractmethod
    def betas(self) -> Tensor:
        """β_t, ``(levels,)`` float64."""

    def variances(self) -> Tensor:
        """1 − ᾱ_t, ``(levels,)`` float64."""
        return 1.0 - torch.cumprod(1.0 - self.betas(), 0)

    def posterior(self) -> tuple[PosteriorStep, ...]:
        """Step from level t to t − 1 given an estimate of the signal, for each t; at t = 0 the estimate itself (Ho, Jain & Abbeel 2020, eq. 7)."""
        betas = self.betas().tolist()
        kept = [1.0, *torch.cumprod(1.0 - self.betas(), 0).tolist()]
        noise = [0.0, *self.variances().tolist()]
        return tuple(
            PosteriorStep(math.sqrt(kept[t]) * beta / noise[t + 1], math.sqrt(1 - beta) * noise[t] / noise[t + 1], math.sqrt(beta * noise[t] / noise[t + 1]))
            for t, beta in enumerate(betas)
        )


@dataclass(frozen=True)
class ExponentialBetas(NoiseSchedule):
    r"""β_t = m^((K − t)/K), t = 0 … K: the schedule released with PDE-Refiner. β_K = 1, so the noisiest level is pure noise.

    Args:
        num_refinements: K ≥ 1.
        minimum_variance: m in (0, 1), the **variance** of the last refinement's noise; the released option of that value is called a standard deviation.

    Reference: Lippe et al., "PDE-Refiner: Achieving Accurate Long Rollouts with Neural PDE Solvers", 2023, and its released code.
    """

    num_refinements: int = 3
    minimum_variance: float = 4e-7

    def __post_init__(self) -> None:
        _check(type(self).__name__, self.num_refinements, self.minimum_variance)

    @override
    def betas(self) -> Tensor:
        k = torch.arange(self.num_refinements, -1, -1, dtype=torch.float64, device="cpu")
        return self.minimum_variance ** (k / self.num_refinements)


@dataclass(frozen=True)
class ExponentialVariances(NoiseSchedule):
    r"""1 − ᾱ_t = m^((T − 1 − t)/(T − 1)) M^(t/(T − 1)): accumulated variances in geometric sequence from m to M.

    The noise levels of PDE-Refiner for a diffusion model, which has no first deterministic prediction.

    Args:
        num_levels: T ≥ 2.
        minimum_variance: m in (0, M).
        maximum_variance: M < 1. Some signal is left at the noisiest level, since there a network that predicts the noise could say nothing of the signal.
    """

    num_levels: int = 4
    minimum_variance: float = 4e-7
    maximum_variance: float = 0.999

    def __post_init__(self) -> None:
        _check(type(self).__name__, self.num_levels - 1, self.minimum_variance / self.maximum_variance)
        if not self.maximum_variance < 1:
            raise ValueError(f"ExponentialVariances: maximum_variance needs to be below 1, got {self.maximum_variance}; leave some signal.")

    @override
    def betas(self) -> Tensor:
        part = torch.linspace(0, 1, self.num_levels, dtype=torch.float64, device="cpu")
        kept = 1.0 - self.minimum_variance ** (1 - part) * self.maximum_variance**part
        return torch.cat([1 - kept[:1], 1 - kept[1:] / kept[:-1]])


@dataclass(frozen=True)
class CosineSchedule(NoiseSchedule):
    r"""ᾱ_t = f(t + 1)/f(0),  f(t) = cos²((t/T + s)/(1 + s) · π/2),  with β_t at most 0.999.

    Args:
        num_levels: T ≥ 1.
        offset: s, keeps the first steps small.

    Reference: Nichol & Dhariwal, "Improved Denoising Diffusion Probabilistic Models", 2021, equation 17.
    """

    num_levels: int = 16
    offset: float = 0.008

    @override
    def betas(self) -> Tensor:
        part = torch.arange(self.num_levels + 1, dtype=torch.float64, device="cpu") / self.num_levels
        kept = torch.cos((part + self.offset) / (1 + self.offset) * math.pi / 2) ** 2
        return (1 - kept[1:] / kept[:-1]).clamp(max=0.999)


def refinement_deviations(num_refinements: int, minimum_variance: float) -> Tensor:
    r"""σ_k = m^(k/2K) for k = 1 … K, ``(K,)`` float64: standard deviations of the noise of refinement k.

    Args:
        num_refinements: K ≥ 0.
        minimum_variance: m in (0, 1), the variance of the last one.

    Reference: Lippe et al., "PDE-Refiner: Achieving Accurate Long Rollouts with Neural PDE Solvers", 2023.
    """
    if num_refinements:
        _check("refinement_deviations", num_refinements, minimum_variance)
    k = torch.arange(1, num_refinements + 1, dtype=torch.float64, device="cpu")
    return minimum_variance ** (k / (2 * max(num_refinements, 1)))


def _check(owner: str, steps: int, smallest: float) -> None:
    if steps < 1 or not 0 < smallest < 1:
        raise ValueError(f"{owner}: needs at least one step and a smallest variance in (0, 1), got {steps} and {smallest}; correct the stepper's config.")
