"""Norms of the difference between predicted and given frames, as differentiable scalars."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["MeanSquared", "Norm", "RelativeL2", "SummedRoot"]

Norm = Callable[[Tensor, Tensor], Tensor]
"""Predicted and given frames, both ``(batch, time, channel, *space)`` → a scalar."""


class SummedRoot:
    r"""Square root of the squared error summed over everything,  √(Σ (pred − ref)²).

    The gradient has the same size whether the error is large or small (zero where the error is exactly zero). The value grows with the
    square root of the batch size and of the number of points; Adam does not care, plain gradient descent does.

    Shape: ``(batch, time, channel, *space)`` twice → ``()``.

    Reference: Brandstetter, Worrall & Welling, Message Passing Neural PDE Solvers, 2022 (their training code).
    """

    def __call__(self, pred: Tensor, ref: Tensor) -> Tensor:
        """See the class."""
        return torch.linalg.vector_norm(pred - ref)


class MeanSquared:
    r"""Mean squared error over everything,  (1/n) Σ ((pred − ref)/unit)².

    Args:
        unit: error that counts as one. With the scale of the stepper's output the loss is that of the normalised output.

    Shape: ``(batch, time, channel, *space)`` twice → ``()``.

    Limits: trajectories of large amplitude dominate the batch.
    """

    def __init__(self, unit: float = 1.0) -> None:
        self.unit = unit

    def __call__(self, pred: Tensor, ref: Tensor) -> Tensor:
        """See the class."""
        return ((pred - ref) / self.unit).square().mean()


class RelativeL2:
    r"""Mean over the batch of  ‖pred − ref‖₂ / ‖ref‖₂,  the norms over time, channels and space.

    Shape: ``(batch, time, channel, *space)`` twice → ``()``.

    Limits: not finite for a sample whose reference is zero throughout; it stays visible.
    """

    def __call__(self, pred: Tensor, ref: Tensor) -> Tensor:
        """See the class."""
        error, size = (torch.linalg.vector_norm(x.flatten(1), dim=1) for x in (pred - ref, ref))
        return (error / size).mean()
