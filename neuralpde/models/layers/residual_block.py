"""Residual block that listens to an embedding."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from neuralpde.models.layers.convolution import Convolution

__all__ = ["ConditionedBlock"]


class ConditionedBlock(nn.Module):
    r"""Pre-norm residual block,  x ↦ S x + C₂ σ( N₂( C₁ σ(N₁ x) + A e ) ),  with GELU σ and norms N over channels and space.

    C are convolutions with 3 taps per axis, A a linear map of the embedding e, S a 1×1 convolution where the widths differ and the identity
    elsewhere. C₂ starts at zero, so a new block is its shortcut.

    Args:
        in_channels: channels that enter.
        out_channels: channels that leave.
        embedding: length of e; 0 for a block without condition.
        ndim: space dimensions, 1 or 2.
        periodic: which axes close on themselves.

    Shape: x ``(batch, in_channels, *space)``, e ``(batch, embedding)`` → ``(batch, out_channels, *space)``.

    Reference: Gupta & Brandstetter, "Towards Multi-spatiotemporal-scale Generalized PDE Modeling", 2023.
    """

    def __init__(self, in_channels: int, out_channels: int, *, embedding: int, ndim: int, periodic: bool | Sequence[bool]) -> None:
        super().__init__()
        self.norm_in = nn.GroupNorm(1, in_channels)
        self.conv_in = Convolution(in_channels, out_channels, kernel=3, ndim=ndim, periodic=periodic)
        self.condition = nn.Linear(embedding, out_channels) if embedding else None
        self.norm_out = nn.GroupNorm(1, out_channels)
        self.conv_out = Convolution(out_channels, out_channels, kernel=3, ndim=ndim, periodic=periodic).zeroed()
        self.shortcut = Convolution(in_channels, out_channels, kernel=1, ndim=ndim) if in_channels != out_channels else nn.Identity()

    def forward(self, x: Tensor, emb: Tensor | None) -> Tensor:
        """See the class."""
        h = self.conv_in(F.gelu(self.norm_in(x)))
        if self.condition is not None and emb is not None:
            shift = self.condition(emb)
            h = h + shift.view(*shift.shape, *(1,) * (h.ndim - 2))
        return self.shortcut(x) + self.conv_out(F.gelu(self.norm_out(h)))
