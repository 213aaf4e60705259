"""Modern U-Net with conditioning."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from neuralpde.models.conditions import Backbone, Conditions, level_of
from neuralpde.models.layers.convolution import Convolution, Upsampling, check_wrapping, per_axis_flags
from neuralpde.models.layers.embedding import SinusoidalEmbedding
from neuralpde.models.layers.residual_block import ConditionedBlock

__all__ = ["UNet"]

_BLOCKS_PER_LEVEL = 2


class UNet(Backbone):
    r"""U-Net of pre-norm residual blocks, two per level on the way down and three on the way up, conditioned on numbers per sample.

    The width of a level is that of the level above times its multiplier: (1, 2, 2, 4) means 64, 128, 256, 1024. Each condition (refinement
    level, coefficients) has its own sinusoidal embedding; their sum is added inside every residual block. The output convolution and the
    second convolution of every block start at zero, so an untrained network returns exactly zero.

    At the default sizes in 1-D, with ``level``, two coefficients, two channels in and one out it has 53,924,225 parameters.

    Args:
        in_channels: channels that enter, frames times fields.
        out_channels: channels that leave.
        ndim: space dimensions, 1 or 2.
        num_coefficients: equation coefficients, one embedding each.
        hidden_channels: channels of the first level, a multiple of 8.
        ch_mults: width of every level relative to the one above; as many levels as entries.
        level: condition on ``Conditions.level``, the index of a refinement step.
        periodic: which axes close on themselves, one flag for all or one per axis; zeros are assumed outside of the others.
        periodic_upsampling: also wrap in the transposed convolutions. The published network does not, and is therefore not exactly
            equivariant to translations; its weights need False.

    Shape: ``(batch, in_channels, *space)`` → ``(batch, out_channels, *space)``.

    Raises:
        ValueError: ``level`` was asked for and the conditions have none, or a bounded axis would be wrapped.

    Limits: on a periodic grid equivariant to translations by multiples of 2^(levels − 1) points, if that number divides the grid. Other
    sizes work: an odd level is halved rounding up and cropped by one point on the way back.

    Reference: Gupta & Brandstetter, "Towards Multi-spatiotemporal-scale Generalized PDE Modeling", 2023; with conditioning in
    Lippe et al., "PDE-Refiner: Achieving Accurate Long Rollouts with Neural PDE Solvers", 2023.
    """

    dimensions: ClassVar[tuple[int, ...]] = (1, 2)

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        ndim: int,
        num_coefficients: int,
        hidden_channels: int = 64,
        ch_mults: Sequence[int] = (1, 2, 2, 4),
        level: bool = False,
        periodic: bool | Sequence[bool] = True,
        periodic_upsampling: bool = True,
    ) -> None:
        super().__init__()
        self._check_dimension(ndim)
        self.level, self.periodic = level, per_axis_flags(periodic, ndim)
        embedding = 4 * hidden_channels
        self.embeddings = nn.ModuleList(SinusoidalEmbedding(hidden_channels, embedding) for _ in range(level + num_coefficients))
        widths = [hidden_channels, *(hidden_channels * math.prod(ch_mults[: depth + 1]) for depth in range(len(ch_mults)))]
        block = partial(ConditionedBlock, embedding=embedding if self.embeddings else 0, ndim=ndim, periodic=periodic)
        conv = partial(Convolution, kernel=3, ndim=ndim, periodic=periodic)
        upsampling = partial(Upsampling, ndim=ndim, periodic=periodic if periodic_upsampling else False)
        self.lifting = conv(in_channels, hidden_channels)
        self.down = nn.ModuleList(_level(block, a, [b] * _BLOCKS_PER_LEVEL) for a, b in pairwise(widths))
        self.downsamplings = nn.ModuleList(conv(width, width, stride=2) for width in widths[1:-1])
        self.middle = _level(block, widths[-1], [widths[-1]] * 2)
        self.up = nn.ModuleList(_joining_level(block, width, above) for above, width in reversed(list(pairwise(widths))))
        self.upsamplings = nn.ModuleList(upsampling(width) for width in reversed(widths[1:-1]))
        self.norm = nn.GroupNorm(8, hidden_channels)
        self.projection = conv(hidden_channels, out_channels).zeroed()

    def forward(self, frames: Tensor, conditions: Conditions) -> Tensor:
        """See the class."""
        check_wrapping("UNet", self.periodic, conditions.domain)
        emb = self._embedding(conditions)
        x = self.lifting(frames)
        skips = [x]
        for depth, blocks in enumerate(self.down):
            for block in blocks:  # type: ignore[union-attr]
                x = block(x, emb)
                skips.append(x)
            if depth < len(self.downsamplings):
                x = self.downsamplings[depth](x)
                skips.append(x)
        for block in self.middle:
            x = block(x, emb)
        for depth, blocks in enumerate(self.up):
            for block in blocks:  # type: ignore[union-attr]
                skip = skips.pop()
                x = block(torch.cat([_crop(x, skip), skip], dim=1), emb)
            if depth < len(self.upsamplings):
                x = self.upsamplings[depth](x)
        return self.projection(F.gelu(self.norm(x)))

    def _embedding(self, conditions: Conditions) -> Tensor | None:
        """Sum of the embeddings, ``(batch, 4 · hidden_channels)``, or None without conditions."""
        embeds, numbers = list(self.embeddings), conditions.coefficients.unbind(1)
        level = embeds.pop(0)(level_of(self, conditions)) if self.level else None
        if not embeds:
            return level
        fixed = conditions.remember(self, lambda: torch.stack([embed(number) for embed, number in zip(embeds, numbers, strict=True)]).sum(0))
        return fixed if level is None else level + fixed


def _level(block: Callable[[int, int], nn.Module], in_channels: int, widths: Sequence[int]) -> nn.ModuleList:
    """Blocks of the given widths, one after another."""
    return nn.ModuleList(block(a, b) for a, b in pairwise([in_channels, *widths]))


def _joining_level(block: Callable[[int, int], nn.Module], width: int, above: int) -> nn.ModuleList:
    """Blocks of one level on the way up: each takes one skip; the last skip comes from the level above, as wide as that."""
    joined = [block(2 * width, width) for _ in range(_BLOCKS_PER_LEVEL)]
    return nn.ModuleList([*joined, block(width + above, above)])


def _crop(x: Tensor, skip: Tensor) -> Tensor:
    """Cut the last point of axes that were odd before they were halved."""
    return x[(..., *(slice(0, n) for n in skip.shape[2:]))]
