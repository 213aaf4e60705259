"""Errors that weigh derivatives as well."""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = ["Sobolev"]


class Sobolev:
    r"""Relative error in the periodic Sobolev norm Hˢ, mean over the batch:  ‖pred − ref‖_s / ‖ref‖_s,  ‖u‖_s² = Σ_k (1 + |k|² + … + |k|²ˢ) |û_k|².

    Order 0 is the relative L² error; order 1 also counts first derivatives.

    Args:
        order: s ≥ 0.
        length: period of every axis, for the angular wavenumbers k = 2π m / length; 2π gives whole numbers.

    Shape: ``(batch, time, channel, *space)`` twice → ``()``.

    Raises:
        ValueError: a negative order or a length that is not positive.

    Limits: periodic uniform grids. With whole wavenumbers and order 1 the finest scales dominate.

    Reference: Li et al., "Learning Dissipative Dynamics in Chaotic Systems" (Markov neural operator), 2022, section 3.
    """

    def __init__(self, order: int = 1, length: float = 2 * math.pi) -> None:
        if order < 0 or not length > 0:
            raise ValueError(f"Sobolev: needs order >= 0 and length > 0, got {order} and {length}; correct the loss.")
        self.order, self.length = order, length

    def __call__(self, pred: Tensor, ref: Tensor) -> Tensor:
        """See the class."""
        error, size = self._norm(pred - ref), self._norm(ref)
        return (error / size).mean()

    def _norm(self, u: Tensor) -> Tensor:
        axes = tuple(range(3, u.ndim))
        u_hat = torch.fft.fftn(u, dim=axes, norm="ortho")
        weight = self._weights(u)
        return (weight * u_hat.abs().square()).flatten(1).sum(1).sqrt()

    def _weights(self, u: Tensor) -> Tensor:
        """1 + |k|² + … + |k|²ˢ, ``(*space)``."""
        axes = [2 * math.pi / self.length * n * torch.fft.fftfreq(n, device=u.device, dtype=u.dtype) for n in u.shape[3:]]
        square = torch.stack([k.square() for k in torch.meshgrid(*axes, indexing="ij")]).sum(0)
        return torch.stack([square**s for s in range(self.order + 1)]).sum(0)
