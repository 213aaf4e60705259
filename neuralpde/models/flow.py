"""A normalising flow on a box: a density that can be sampled, evaluated and trained."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["BoxFlow"]


class BoxFlow(nn.Module):
    r"""Density on (0, 1)ᵈ: a logistic variable y, moved by affine couplings, squashed by a logistic function,  x = σ(T(y)).

    Every coupling changes half of the coordinates,  y ↦ y (1 + a tanh s) + m tanh t,  with s and t from a network of the other half. Without training it is
    uniform on the box, since the image of a logistic variable under σ is uniform.

    Args:
        ndim: d, at least 2.
        couplings: number of couplings; neighbours change different halves.
        width: hidden units of the networks, two layers each.
        scale: a < 1, largest change of scale per coupling.

    Shape: points ``(points, ndim)`` in the unit box.

    Raises:
        ValueError: one dimension, or a scale not in (0, 1).

    Limits: the density is positive everywhere and smooth; several narrow peaks are joined by thin bridges.

    Reference: couplings after Dinh, Sohl-Dickstein & Bengio, Density estimation using Real NVP, 2017; bounded factors as in Tang, Wan & Liao,
    Deep density estimation via invertible block-triangular mapping, 2020.
    """

    def __init__(self, ndim: int, *, couplings: int = 8, width: int = 32, scale: float = 0.6) -> None:
        super().__init__()
        if ndim < 2 or not 0 < scale < 1:
            raise ValueError(f"BoxFlow: needs ndim >= 2 and 0 < scale < 1, got {ndim} and {scale}; a single coordinate cannot be coupled.")
        self.ndim, self.scale = ndim, scale
        self.splits = [ndim // 2 if layer % 2 else ndim - ndim // 2 for layer in range(couplings)]
        self.networks = nn.ModuleList(self._network(split, width) for split in self.splits)
        self.shifts = nn.Parameter(torch.zeros(couplings, ndim))

    def _network(self, given: int, width: int) -> nn.Sequential:
        last = nn.Linear(width, 2 * (self.ndim - given))
        nn.init.zeros_(last.weight)  # the identity at the start, so the flow starts uniform
        nn.init.zeros_(last.bias)
        return nn.Sequential(nn.Linear(given, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), last)

    def forward(self, uniform: Tensor) -> Tensor:
        """Points of the density from uniform ones, the same number."""
        y = torch.logit(uniform, eps=1e-6)
        for network, split, shift in zip(self.networks, self.splits, self.shifts, strict=True):
            kept, moved = y[:, :split], y[:, split:]
            factor, offset = self._affine(network(kept), shift[split:])
            y = torch.cat([moved * factor + offset, kept], dim=1)
        return torch.sigmoid(y)

    def log_prob(self, x: Tensor) -> Tensor:
        """Logarithm of the density at points inside the box, ``(points,)``."""
        y = torch.logit(x, eps=1e-6)
        # dy/dx of the last squashing; the flow is run backwards from here.
        total = -(torch.log(x.clamp(1e-6, 1 - 1e-6)) + torch.log1p(-x.clamp(1e-6, 1 - 1e-6))).sum(-1)
        for network, split, shift in reversed(list(zip(self.networks, self.splits, self.shifts, strict=True))):
            moved, kept = y[:, : self.ndim - split], y[:, self.ndim - split :]
            factor, offset = self._affine(network(kept), shift[split:])
            total = total - torch.log(factor).sum(-1)
            y = torch.cat([kept, (moved - offset) / factor], dim=1)
        # A logistic variable has density σ(y) σ(−y).
        return total + (nn.functional.logsigmoid(y) + nn.functional.logsigmoid(-y)).sum(-1)

    def _affine(self, parameters: Tensor, shift: Tensor) -> tuple[Tensor, Tensor]:
        stretch, move = parameters.chunk(2, dim=-1)
        return 1 + self.scale * torch.tanh(stretch), 4 * torch.tanh(move) + shift
