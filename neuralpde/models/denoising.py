"""What a denoising network is trained to return, and how its outputs become a sample."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.models.conditions import LARGEST_LEVEL
from neuralpde.models.noise_schedules import NoiseSchedule, PosteriorStep, refinement_deviations

__all__ = ["Denoise", "Denoising", "Diffusion", "NoisePrediction", "Prediction", "Refining", "VelocityPrediction"]

Denoise = Callable[[Tensor, int], Tensor]
"""The network: noisy frames and the number of the pass → its output, all of one shape."""

Noise = Callable[[], Tensor]
"""White noise of the shape of the frames, new in every call."""


class Denoising(ABC):
    """A sequence of passes through one network. Pass p of training and of sampling see the same kind of input and the same level.

    Attributes:
        levels: what the network is told in each pass.
    """

    levels: tuple[float, ...]

    @property
    def num_passes(self) -> int:
        """Calls of the network per sample."""
        return len(self.levels)

    @abstractmethod
    def corrupt(self, target: Tensor, passes: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Training pair for a target s.

        Args:
            target: s, ``(batch, horizon, channel, *space)``.
            passes: number of the pass of each sample, ``(batch,)`` integers.
            noise: white noise of unit variance, like ``target``.

        Returns:
            What the network sees in place of s, and what it should return.
        """

    @abstractmethod
    def estimates(self, network: Denoise, noise: Noise, like: Tensor) -> Iterator[Tensor]:
        """The estimate of s, shaped ``like`` a tensor, after each of the ``num_passes`` calls of the network; the last one is the sample."""

    def sample(self, network: Denoise, noise: Noise, like: Tensor) -> Tensor:
        """A sample of s, shaped ``like`` a tensor, by ``num_passes`` calls of the network."""
        return deque(self.estimates(network, noise, like), maxlen=1).pop()


class Refining(Denoising):
    r"""A prediction, then K refinements of it with ever smaller noise.

    Training: in pass 0 the network sees zeros and returns s; in pass k ≥ 1 it sees s + σ_k ε and returns ε. Sampling: ŝ = f(0), then for k = 1 … K
    draw ε, y = ŝ + σ_k ε, ŝ = y − σ_k f(y). With K = 0 it is plain regression.

    Args:
        num_refinements: K ≥ 0.
        minimum_variance: σ_K², the variance (not the standard deviation) of the last noise, in units of s.

    Limits: K and the variance at inference must be those of the training. Single precision is needed, see :class:`~neuralpde.models.RefinedStepper`.

    Reference: Lippe et al., "PDE-Refiner: Achieving Accurate Long Rollouts with Neural PDE Solvers", 2023.
    """

    def __init__(self, num_refinements: int = 3, minimum_variance: float = 2e-7) -> None:
        self.deviations = refinement_deviations(num_refinements, minimum_variance)
        self.levels = tuple(LARGEST_LEVEL * k / max(num_refinements, 1) for k in range(num_refinements + 1))

    @override
    def corrupt(self, target: Tensor, passes: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        deviations = torch.cat([torch.zeros(1, dtype=torch.float64), self.deviations])
        sigma, refines = _per_sample(deviations, passes, target), _per_sample(torch.ones(self.num_passes).index_fill(0, torch.tensor([0]), 0.0), passes, target)
        return refines * target + sigma * noise, target + refines * (noise - target)

    @override
    def estimates(self, network: Denoise, noise: Noise, like: Tensor) -> Iterator[Tensor]:
        estimate = network(torch.zeros_like(like), 0)
        yield estimate
        for k, sigma in enumerate(self.deviations.tolist(), start=1):
            noisy = estimate + sigma * noise()
            estimate = noisy - sigma * network(noisy, k)
            yield estimate


class Prediction(ABC):
    """What a diffusion network returns, as a combination of signal and noise; y = c s + σ ε with c² + σ² = 1."""

    @abstractmethod
    def label(self, signal: Tensor, noise: Tensor, kept: Tensor, deviation: Tensor) -> Tensor:
        """What it should return for s, ε, c and σ."""

    @abstractmethod
    def signal(self, noisy: Tensor, output: Tensor, kept: float, deviation: float) -> Tensor:
        """The estimate of s that belongs to an output."""


class VelocityPrediction(Prediction):
    """v = c ε − σ s, so that ŝ = c y − σ v (Salimans & Ho, "Progressive Distillation for Fast Sampling of Diffusion Models", 2022)."""

    @override
    def label(self, signal: Tensor, noise: Tensor, kept: Tensor, deviation: Tensor) -> Tensor:
        return kept * noise - deviation * signal

    @override
    def signal(self, noisy: Tensor, output: Tensor, kept: float, deviation: float) -> Tensor:
        return kept * noisy - deviation * output


class NoisePrediction(Prediction):
    """ε itself, so that ŝ = (y − σ ε̂)/c; needs c > 0 at every level (Ho, Jain & Abbeel, "Denoising Diffusion Probabilistic Models", 2020)."""

    @override
    def label(self, signal: Tensor, noise: Tensor, kept: Tensor, deviation: Tensor) -> Tensor:
        return noise

    @override
    def signal(self, noisy: Tensor, output: Tensor, kept: float, deviation: float) -> Tensor:
        return (noisy - deviation * output) / kept


class Diffusion(Denoising):
    r"""Denoising diffusion: from pure noise down the levels of a schedule, each step drawn from the posterior given the estimated signal.

    Pass p works on level T − 1 − p, so the first pass sees the most noise. With :class:`ExponentialBetas` and :class:`VelocityPrediction` it is the
    released form of PDE-Refiner; with :class:`CosineSchedule` the ordinary diffusion model of its comparison.

    Args:
        schedule: noise of each level.
        prediction: what the network returns.

    Reference: Ho, Jain & Abbeel, "Denoising Diffusion Probabilistic Models", 2020; Lippe et al., "PDE-Refiner", 2023, and its released code.
    """

    def __init__(self, schedule: NoiseSchedule, prediction: Prediction | None = None) -> None:
        self.schedule, self.prediction = schedule, prediction or VelocityPrediction()
        variances = schedule.variances()
        self._kept, self._deviations = (1 - variances).sqrt(), variances.sqrt()
        self._steps: tuple[PosteriorStep, ...] = schedule.posterior()
        top = len(variances) - 1
        self.levels = tuple(LARGEST_LEVEL * (top - p) / max(top, 1) for p in range(top + 1))

    @override
    def corrupt(self, target: Tensor, passes: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        level = self.num_passes - 1 - passes
        kept, deviation = _per_sample(self._kept, level, target), _per_sample(self._deviations, level, target)
        return kept * target + deviation * noise, self.prediction.label(target, noise, kept, deviation)

    @override
    def estimates(self, network: Denoise, noise: Noise, like: Tensor) -> Iterator[Tensor]:
        y = noise()
        for p in range(self.num_passes):
            t = self.num_passes - 1 - p
            estimate = self.prediction.signal(y, network(y, p), self._kept[t].item(), self._deviations[t].item())
            yield estimate
            if t:
                step = self._steps[t]
                y = step.signal * estimate + step.memory * y + step.noise * noise()


def _per_sample(values: Tensor, index: Tensor, like: Tensor) -> Tensor:
    """Entries of a table, rounded once from float64, one per sample of ``like``."""
    return values[index.to(values.device)].to(like).view(-1, *(1,) * (like.ndim - 1))
