"""How numbers that describe a whole sample enter a network."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ["SinusoidalEmbedding", "constant_channels"]


def constant_channels(values: Tensor, space: torch.Size | tuple[int, ...]) -> Tensor:
    """Numbers per sample as fields that are constant in space: ``(batch, n)`` → ``(batch, n, *space)``, a view."""
    return values.view(*values.shape, *(1,) * len(space)).expand(*values.shape, *space)


class SinusoidalEmbedding(nn.Module):
    r"""A number per sample as a vector: cosines and sines of geometric frequencies, then two linear layers with a GELU between them.

    The sinusoid is [cos(ωⱼ s), sin(ωⱼ s)] with ωⱼ = 10000^(−j/m), j = 0 … m−1, m = ``channels``/2.

    Args:
        channels: length of the sinusoid, even.
        out_channels: length of the embedding.

    Shape: ``(batch,)`` → ``(batch, out_channels)``.

    Reference: the time embedding of Ho, Jain & Abbeel, "Denoising Diffusion Probabilistic Models", 2020, with cosines first.
    """

    frequencies: Tensor

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        if channels % 2:
            raise ValueError(f"SinusoidalEmbedding: channels needs to be even, got {channels}; give as many cosines as sines.")
        half = channels // 2
        self.register_buffer("frequencies", torch.exp(-math.log(10000.0) * torch.arange(half) / half), persistent=False)
        self.mlp = nn.Sequential(nn.Linear(channels, out_channels), nn.GELU(), nn.Linear(out_channels, out_channels))

    def forward(self, number: Tensor) -> Tensor:
        """See the class."""
        angles = number.to(self.frequencies).unsqueeze(1) * self.frequencies
        return self.mlp(torch.cat([angles.cos(), angles.sin()], dim=1))
