"""What to do with independent estimates of one quantity."""

from __future__ import annotations

from torch import Tensor

__all__ = ["estimator_variance", "unbiased_square"]


def unbiased_square(draws: Tensor) -> Tensor:
    r"""Unbiased estimate of r² from independent unbiased estimates of r,  Σ_{i≠j} rᵢ rⱼ / (n (n − 1)).

    The square of one estimate is too large by its variance, and training on it also minimises that variance. Here the mean is r² and the mean of the
    gradient is 2 r ∇r. It can be negative.

    Args:
        draws: two or more estimates along the first axis.

    Shape: ``(draws, …)`` → ``(…)``.

    Raises:
        ValueError: fewer than two draws.

    Reference: Shi, Hu, Lin & Kawaguchi, Stochastic Taylor derivative estimator (2024), equation 25.
    """
    n = _checked(draws, "unbiased_square")
    return (draws.sum(0).square() - draws.square().sum(0)) / (n * (n - 1))


def estimator_variance(draws: Tensor) -> Tensor:
    """Unbiased estimate of the variance of one draw; divide by their number for that of the mean.

    Args:
        draws: two or more estimates along the first axis.

    Shape: ``(draws, …)`` → ``(…)``.

    Raises:
        ValueError: fewer than two draws.
    """
    _checked(draws, "estimator_variance")
    return draws.var(0)


def _checked(draws: Tensor, name: str) -> int:
    if draws.shape[0] < 2:
        raise ValueError(f"{name}: needs at least two independent draws along the first axis, got {draws.shape[0]}; make the directions with draws=2.")
    return draws.shape[0]
