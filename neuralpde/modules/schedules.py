"""Learning rate as a function of the step, in fractions of the whole training, so that a schedule fits any length."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

__all__ = ["linear_decay", "milestones", "warmup_cosine"]


def warmup_cosine(optimizer: Optimizer, *, total_steps: int, warmup: float = 0.05, final: float = 1e-3) -> LambdaLR:
    r"""Linear rise, then half a cosine:  lr · (s + 1)/w  for s < w,  lr · (f + (1 − f)(1 + cos π (s − w)/(n − w))/2)  after.

    Args:
        optimizer: its learning rates are the peak lr.
        total_steps: n, steps of the whole training.
        warmup: w / n, part of the steps spent rising, in [0, 1).
        final: f, learning rate at the end over the peak.

    Raises:
        ValueError: ``warmup`` outside [0, 1).

    Limits: continuing a finished training with more steps jumps back up the cosine.
    """
    if not 0 <= warmup < 1:
        raise ValueError(f"warmup_cosine: warmup needs to be in [0, 1), got {warmup}; give the part of all steps.")
    rise = round(warmup * total_steps)

    def factor(step: int) -> float:
        if step < rise:
            return (step + 1) / rise
        progress = min((step - rise) / max(total_steps - rise, 1), 1.0)
        return final + (1 - final) * (1 + math.cos(math.pi * progress)) / 2

    return LambdaLR(optimizer, factor)


def milestones(optimizer: Optimizer, *, total_steps: int, fractions: Sequence[float] = (0.05, 0.25, 0.5, 0.75), factor: float = 0.4) -> LambdaLR:
    r"""Piecewise constant:  lr · factorᵐ  after m milestones. The defaults are epochs 1, 5, 10, 15 of 20 of the MP-PDE training.

    Args:
        optimizer: its learning rates are the first ones.
        total_steps: steps of the whole training.
        fractions: where the milestones lie, as parts of all steps, in [0, 1].
        factor: what each multiplies the learning rate by.

    Raises:
        ValueError: a milestone outside [0, 1].

    Reference: Brandstetter, Worrall & Welling, Message Passing Neural PDE Solvers, 2022 (their training code).
    """
    if not all(0 <= fraction <= 1 for fraction in fractions):
        raise ValueError(f"milestones: fractions need to be in [0, 1], got {tuple(fractions)}; divide epochs by the number of epochs.")
    steps = [round(fraction * total_steps) for fraction in fractions]
    return LambdaLR(optimizer, lambda step: factor ** sum(step >= s for s in steps))


def linear_decay(optimizer: Optimizer, *, total_steps: int, warmup: float = 0.0, final: float = 0.0) -> LambdaLR:
    r"""Linear rise, then a straight line down:  lr · (s + 1)/w  for s < w,  lr · (1 − (1 − f)(s − w)/(n − w))  after.

    Args:
        optimizer: its learning rates are the peak lr.
        total_steps: n, steps of the whole training.
        warmup: w / n, part of the steps spent rising, in [0, 1).
        final: f, learning rate at the end over the peak.

    Raises:
        ValueError: ``warmup`` outside [0, 1).
    """
    if not 0 <= warmup < 1:
        raise ValueError(f"linear_decay: warmup needs to be in [0, 1), got {warmup}; give the part of all steps.")
    rise = round(warmup * total_steps)

    def factor(step: int) -> float:
        if step < rise:
            return (step + 1) / rise
        return 1 - (1 - final) * min((step - rise) / max(total_steps - rise, 1), 1.0)

    return LambdaLR(optimizer, factor)
