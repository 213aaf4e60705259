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

__all__ = ["Denoise", "Denoising", "Diffusion", "NoisePrediction", "Prediction", "Refining", "SignalPrediction", "VelocityPrediction"]

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


class SignalPrediction(Prediction):
    r"""The signal itself, or what is missing from a mixture: ŝ = w y/c + (1 − w) f with w = τ²/(ρ² + τ²), ρ = σ/c, so that f = s − (τ²/ρ) ε.

    A network that returns ε of a small deviation has to know s to that deviation, and to return the difference between what it sees and what it knows,
    magnified 1/ρ times; one that returns s does in every pass what it does in the first. Where the noise is smaller than the network's own error τ, what it
    sees is better than what it knows: the mixture is the preconditioning of Karras et al. (2022, equation 7), with τ in place of the spread of the data, since
    the given frames tell nearly all of s.

    Args:
        error: τ ≥ 0, error of a prediction that sees no noisy frames, in units of s; with 0 the network returns s.

    Raises:
        ValueError: a negative error.

    Reference: Karras, Aittala, Aila & Laine, "Elucidating the Design Space of Diffusion-Based Generative Models", 2022.
    """

    def __init__(self, error: float = 0.0) -> None:
        if error < 0:
            raise ValueError(f"SignalPrediction: needs an error of at least 0, got {error}; give the typical error of the first pass, or 0.")
        self.error = error

    @override
    def label(self, signal: Tensor, noise: Tensor, kept: Tensor, deviation: Tensor) -> Tensor:
        return signal - self.error**2 * kept / deviation * noise

    @override
    def signal(self, noisy: Tensor, output: Tensor, kept: float, deviation: float) -> Tensor:
        if not kept:
            return output
        spread = (deviation / kept) ** 2
        seen = self.error**2 / (spread + self.error**2)
        return seen / kept * noisy + (1 - seen) * output


class Refining(Denoising):
    r"""A prediction, then K refinements of it with ever smaller noise.

    Training: in pass 0 the network sees zeros and returns s; in pass k ≥ 1 it sees s + σ_k ε and returns ε. Sampling: ŝ = f(0), then for k = 1 … K
    draw ε, y = ŝ + σ_k ε, ŝ = y − σ_k f(y). With K = 0 it is plain regression. With another ``prediction`` the refinements return something else than ε.

    Args:
        num_refinements: K ≥ 0.
        minimum_variance: σ_K², the variance (not the standard deviation) of the last noise, in units of s.
        prediction: what the network returns in the refinements; the noise by default, as published.

    Limits: K and the variance at inference must be those of the training. Single precision is needed, see :class:`~neuralpde.models.RefinedStepper`.

    Reference: Lippe et al., "PDE-Refiner: Achieving Accurate Long Rollouts with Neural PDE Solvers", 2023.
    """

    def __init__(self, num_refinements: int = 3, minimum_variance: float = 2e-7, prediction: Prediction | None = None) -> None:
        self.deviations = refinement_deviations(num_refinements, minimum_variance)
        self.prediction = prediction or NoisePrediction()
        self.levels = tuple(LARGEST_LEVEL * k / max(num_refinements, 1) for k in range(num_refinements + 1))

    @override
    def corrupt(self, target: Tensor, passes: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        deviations = torch.cat([torch.ones(1, dtype=torch.float64), self.deviations])
        sigma, first = _per_sample(deviations, passes, target), (passes == 0).to(target.device).view(-1, *(1,) * (target.ndim - 1))
        label = self.prediction.label(target, noise, torch.ones_like(sigma), sigma)
        return torch.where(first, 0.0, target + sigma * noise), torch.where(first, target, label)

    @override
    def estimates(self, network: Denoise, noise: Noise, like: Tensor) -> Iterator[Tensor]:
        estimate = network(torch.zeros_like(like), 0)
        yield estimate
        for k, sigma in enumerate(self.deviations.tolist(), start=1):
            noisy = estimate + sigma * noise()
            estimate = self.prediction.signal(noisy, network(noisy, k), 1.0, sigma)
            yield estimate


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
