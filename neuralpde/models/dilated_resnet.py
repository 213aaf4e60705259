"""Residual network of dilated convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from neuralpde.models.conditions import Backbone, Conditions, level_of
from neuralpde.models.layers.convolution import Convolution, check_wrapping, per_axis_flags
from neuralpde.models.layers.embedding import SinusoidalEmbedding, constant_channels

__all__ = ["DilatedResNet"]


class DilatedResNet(Backbone):
    r"""Encoder – residual blocks of dilated convolutions – decoder.

    A block is  x + C₁ C₂ C₄ C₈ C₄ C₂ C₁ x  with C_d = ReLU ∘ conv of dilation d; encoder and decoder are single convolutions. All kernels
    have 3 taps per axis. With ``level`` an embedding of the refinement step is added before every ReLU, through a linear map of its own. In
    2-D with one channel in and out it has 582,865 parameters at 48 hidden channels.

    Args:
        in_channels: channels that enter, frames times fields.
        out_channels: channels that leave.
        ndim: space dimensions, 1 or 2.
        num_coefficients: equation coefficients; they enter as channels that are constant in space.
        hidden_channels: channels between encoder and decoder.
        num_blocks: residual blocks.
        dilations: dilation of each convolution of a block.
        periodic: which axes close on themselves, one flag for all or one per axis; zeros are assumed outside of the others.
        norm: normalise over channels and space (a group norm of one group) before every convolution of a block.
        level: condition on ``Conditions.level``, the index of a refinement step.

    Shape: ``(batch, in_channels, *space)`` → ``(batch, out_channels, *space)``.

    Raises:
        ValueError: in the call, a periodic axis with fewer points than the largest dilation, or a bounded axis that would be wrapped.

    Reference: Stachenfeld et al., "Learned Coarse Models for Efficient Turbulence Simulation", 2022.
    """

    dimensions: ClassVar[tuple[int, ...]] = (1, 2)

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        ndim: int,
        num_coefficients: int,
        hidden_channels: int = 48,
        num_blocks: int = 4,
        dilations: Sequence[int] = (1, 2, 4, 8, 4, 2, 1),
        periodic: bool | Sequence[bool] = True,
        norm: bool = False,
        level: bool = False,
    ) -> None:
        super().__init__()
        self._check_dimension(ndim)
        self.periodic, self.level = per_axis_flags(periodic, ndim), level
        self.embedding = SinusoidalEmbedding(64, 64) if level else None
        self.encoder = Convolution(in_channels + num_coefficients, hidden_channels, kernel=3, ndim=ndim, periodic=periodic)
        block = partial(_Block, hidden_channels, dilations, ndim=ndim, periodic=periodic, norm=norm, embedding=64 if level else 0)
        self.blocks = nn.ModuleList(block() for _ in range(num_blocks))
        self.decoder = Convolution(hidden_channels, out_channels, kernel=3, ndim=ndim, periodic=periodic)

    def forward(self, frames: Tensor, conditions: Conditions) -> Tensor:
        """See the class."""
        check_wrapping("DilatedResNet", self.periodic, conditions.domain)
        x = self.encoder(torch.cat([frames, constant_channels(conditions.coefficients.to(frames), frames.shape[2:])], dim=1))
        emb = None if self.embedding is None else self.embedding(level_of(self, conditions))
        for block in self.blocks:
            x = x + block(x, emb)
        return self.decoder(x)


class _Block(nn.Module):
    """Convolutions of the given dilations, each followed by a shift that depends on an embedding, if there is one, and a ReLU."""

    def __init__(self, channels: int, dilations: Sequence[int], *, ndim: int, periodic: bool | Sequence[bool], norm: bool, embedding: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.GroupNorm(1, channels) if norm else nn.Identity() for _ in dilations)
        self.convs = nn.ModuleList(Convolution(channels, channels, kernel=3, ndim=ndim, periodic=periodic, dilation=dilation) for dilation in dilations)
        self.shift = nn.Linear(embedding, len(dilations) * channels) if embedding else None

    def forward(self, x: Tensor, emb: Tensor | None) -> Tensor:
        shifts: Sequence[Tensor | None] = [None] * len(self.convs)
        if self.shift is not None and emb is not None:
            shifts = self.shift(emb).chunk(len(self.convs), dim=1)
        for norm, conv, shift in zip(self.norms, self.convs, shifts, strict=True):
            x = conv(norm(x))
            x = F.relu(x if shift is None else x + shift.view(*shift.shape, *(1,) * (x.ndim - 2)), inplace=True)
        return x
