"""Residual network of dilated convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn

from neuralpde.models.conditions import Backbone, Conditions
from neuralpde.models.layers.convolution import Convolution, check_wrapping, per_axis_flags
from neuralpde.models.layers.embedding import constant_channels

__all__ = ["DilatedResNet"]


class DilatedResNet(Backbone):
    r"""Encoder – residual blocks of dilated convolutions – decoder.

    A block is  x + C₁ C₂ C₄ C₈ C₄ C₂ C₁ x  with C_d = ReLU ∘ conv of dilation d; encoder and decoder are single convolutions. All kernels
    have 3 taps per axis. In 2-D with one channel in and out it has 582,865 parameters at 48 hidden channels.

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
    ) -> None:
        super().__init__()
        self._check_dimension(ndim)
        self.periodic = per_axis_flags(periodic, ndim)
        self.encoder = Convolution(in_channels + num_coefficients, hidden_channels, kernel=3, ndim=ndim, periodic=periodic)
        self.blocks = nn.ModuleList(_block(hidden_channels, dilations, ndim, periodic, norm) for _ in range(num_blocks))
        self.decoder = Convolution(hidden_channels, out_channels, kernel=3, ndim=ndim, periodic=periodic)

    def forward(self, frames: Tensor, conditions: Conditions) -> Tensor:
        """See the class."""
        check_wrapping("DilatedResNet", self.periodic, conditions.domain)
        x = self.encoder(torch.cat([frames, constant_channels(conditions.coefficients.to(frames), frames.shape[2:])], dim=1))
        for block in self.blocks:
            x = x + block(x)
        return self.decoder(x)


def _block(channels: int, dilations: Sequence[int], ndim: int, periodic: bool | Sequence[bool], norm: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    for dilation in dilations:
        if norm:
            layers.append(nn.GroupNorm(1, channels))
        layers += [Convolution(channels, channels, kernel=3, ndim=ndim, periodic=periodic, dilation=dilation), nn.ReLU()]
    return nn.Sequential(*layers)
