"""Fourier neural operator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from neuralpde.grids import Grid, PointSet
from neuralpde.models.conditions import Backbone, Conditions, level_of
from neuralpde.models.layers.embedding import SinusoidalEmbedding, constant_channels
from neuralpde.models.layers.spectral_convolution import SpectralConvolution

__all__ = ["FNO"]


class FNO(Backbone):
    r"""Lift – Fourier layers – project:  v ← GELU( K v + W v ), no activation after the last layer.

    K is a :class:`~neuralpde.models.layers.SpectralConvolution`, W a 1×1 convolution with bias. The grid coordinates, scaled to [0, 1], enter
    as channels. Counting real numbers, ``num_modes=16, width=64`` in 1-D has 549,569 parameters and ``num_modes=12, width=32`` in 2-D
    2,368,001 (one channel in and out, no coefficients).

    Args:
        in_channels: channels that enter, frames times fields.
        out_channels: channels that leave.
        ndim: space dimensions, 1, 2 or 3.
        num_coefficients: equation coefficients; they enter as channels that are constant in space.
        num_modes: kept wavenumbers for each axis, one number for all of them or one per axis.
        width: channels of the Fourier layers.
        num_layers: Fourier layers.
        projection: hidden width of the last, pointwise network.
        padding: cells of zeros appended at the high end of each axis before the Fourier layers and cut off after them; one number for all
            axes or one per axis. Use 0 on periodic axes and a few on bounded ones, where the field would otherwise jump at the seam.
        time: let the time of the predicted frame enter as a channel too.
        coordinates: let the coordinates enter; without them the network is equivariant to translations of a periodic grid.
        level: condition on ``Conditions.level``, the index of a refinement step, whose embedding is added in every Fourier layer.

    Shape: ``(batch, in_channels, *space)`` → ``(batch, out_channels, *space)``.

    Raises:
        ValueError: a grid with fewer than ``2 · num_modes`` points on an axis, or a point set.

    Reference: Li et al., "Fourier Neural Operator for Parametric Partial Differential Equations", 2021; GELU and padding as in the authors'
    later scripts.
    """

    dimensions: ClassVar[tuple[int, ...]] = (1, 2, 3)

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        ndim: int,
        num_coefficients: int,
        num_modes: int | Sequence[int] = 16,
        width: int = 64,
        num_layers: int = 4,
        projection: int = 128,
        padding: int | Sequence[int] = 0,
        time: bool = False,
        coordinates: bool = True,
        level: bool = False,
    ) -> None:
        super().__init__()
        self._check_dimension(ndim)
        self.padding = _per_axis(padding, ndim, "padding")
        modes = _per_axis(num_modes, ndim, "num_modes")
        self.time, self.coordinates, self.level = time, coordinates, level
        self.embedding = SinusoidalEmbedding(64, 64) if level else None
        self.shifts = nn.ModuleList(nn.Linear(64, width) for _ in range(num_layers if level else 0))
        conv = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[ndim - 1]
        self.lifting = conv(in_channels + num_coefficients + time + ndim * coordinates, width, 1)
        self.spectral = nn.ModuleList(SpectralConvolution(width, width, modes) for _ in range(num_layers))
        self.pointwise = nn.ModuleList(conv(width, width, 1) for _ in range(num_layers))
        self.projection = nn.Sequential(conv(width, projection, 1), nn.GELU(), conv(projection, out_channels, 1))

    def forward(self, frames: Tensor, conditions: Conditions) -> Tensor:
        """See the class."""
        v = self.lifting(torch.cat([frames, *self._extra_channels(frames, conditions)], dim=1))
        v = F.pad(v, [cells for p in reversed(self.padding) for cells in (0, p)])
        emb = None if self.embedding is None else self.embedding(level_of(self, conditions))
        last = len(self.spectral) - 1
        for index, (spectral, pointwise) in enumerate(zip(self.spectral, self.pointwise, strict=True)):
            v = spectral(v) + pointwise(v)
            if emb is not None:
                v = v + constant_channels(self.shifts[index](emb), v.shape[2:])
            v = v if index == last else F.gelu(v)
        v = v[(..., *(slice(0, n) for n in frames.shape[2:]))]
        return self.projection(v)

    def _extra_channels(self, frames: Tensor, conditions: Conditions) -> list[Tensor]:
        space = frames.shape[2:]
        extra = [constant_channels(conditions.coefficients.to(frames), space)]
        if self.time:
            extra.append(constant_channels(conditions.time.to(frames).unsqueeze(1), space))
        if self.coordinates:
            extra.append(_unit_coordinates(conditions.domain, frames).expand(frames.shape[0], *(-1,) * (frames.ndim - 1)))
        return extra


def _unit_coordinates(domain: Grid | PointSet, frames: Tensor) -> Tensor:
    """Coordinates scaled to [0, 1], shape ``(1, ndim, *space)``."""
    if not isinstance(domain, Grid):
        raise ValueError("FNO: expected a Grid, got a PointSet; use a model for graphs, such as MessagePassing.")
    if domain.shape != tuple(frames.shape[2:]):
        raise ValueError(f"FNO: expected a Grid of shape {tuple(frames.shape[2:])}, got one of shape {domain.shape}; pass the grid that the frames live on.")
    lower, lengths = (torch.tensor(ends, device=frames.device, dtype=torch.float64) for ends in (domain.lower, domain.lengths))
    unit = (domain.points(device=frames.device) - lower) / lengths
    return unit.to(frames.dtype).t().reshape(1, domain.ndim, *domain.shape)


def _per_axis(values: int | Sequence[int], ndim: int, name: str) -> tuple[int, ...]:
    values = (values,) * ndim if isinstance(values, int) else tuple(values)
    if len(values) != ndim:
        raise ValueError(f"FNO: {name} needs one entry per axis ({ndim}), got {len(values)}; give a single value or {ndim}.")
    return values
