"""Convolutions that keep the size of the grid, each axis periodic or bounded."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from neuralpde.grids import Grid, PointSet

__all__ = ["Convolution", "Upsampling", "check_wrapping", "per_axis_flags"]

_CONVOLUTION: dict[int, Callable[..., nn.Module]] = {1: nn.Conv1d, 2: nn.Conv2d}
_TRANSPOSED: dict[int, Callable[..., nn.Module]] = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d}


def per_axis_flags(periodic: bool | Sequence[bool], ndim: int) -> tuple[bool, ...]:
    """One flag per axis from one flag or several.

    Raises:
        ValueError: several, but not ``ndim``.
    """
    flags = (periodic,) * ndim if isinstance(periodic, bool) else tuple(bool(p) for p in periodic)
    if len(flags) != ndim:
        raise ValueError(f"Convolution: periodic needs one flag per axis ({ndim}), got {len(flags)}; give a single flag or {ndim}.")
    return flags


def check_wrapping(model: str, periodic: Sequence[bool], domain: Grid | PointSet) -> None:
    """Refuse a domain that a network of such convolutions would misread.

    Raises:
        ValueError: a point set, or a bounded axis that the network would close on itself. Zeros around a periodic axis are allowed.
    """
    if not isinstance(domain, Grid):
        raise ValueError(f"{model}: expected a Grid, got a PointSet; use a model for graphs, such as MessagePassing.")
    for axis, (wraps, closed) in enumerate(zip(periodic, per_axis_flags(domain.periodic, domain.ndim), strict=True)):
        if wraps and not closed:
            raise ValueError(f"{model}: periodic={tuple(periodic)} wraps axis {axis}, but that axis of the grid is bounded; set periodic to False there.")


def _wrap(x: Tensor, width: int, periodic: Sequence[bool]) -> Tensor:
    """Continue the field by ``width`` cells on both sides of every periodic axis."""
    for axis, wraps in enumerate(periodic, start=x.ndim - len(periodic)):
        if wraps and width > 0:
            n = x.shape[axis]
            if n < width:
                raise ValueError(f"Convolution: a periodic axis needs at least {width} points for this kernel, got {n}; lower the dilation or refine the grid.")
            x = torch.cat([x.narrow(axis, n - width, width), x, x.narrow(axis, 0, width)], dim=axis)
    return x


class Convolution(nn.Module):
    """Convolution with an odd kernel: n points → ⌈n / stride⌉ points.

    Args:
        in_channels: channels that enter.
        out_channels: channels that leave.
        kernel: taps per axis, odd.
        ndim: space dimensions, 1 or 2.
        periodic: which axes close on themselves; zeros are assumed outside of the others.
        stride: step between output points.
        dilation: distance of the taps.

    Shape: ``(batch, in_channels, *space)`` → ``(batch, out_channels, *space)``.

    Limits: equivariant to translations of a periodic grid by multiples of ``stride``, if the stride divides the number of points.

    Raises:
        ValueError: an even kernel, or in the call a periodic axis shorter than half the kernel.
    """

    def __init__(
        self, in_channels: int, out_channels: int, *, kernel: int, ndim: int, periodic: bool | Sequence[bool] = True, stride: int = 1, dilation: int = 1
    ) -> None:
        super().__init__()
        if kernel % 2 == 0:
            raise ValueError(f"Convolution: kernel needs to be odd, got {kernel}; use {kernel + 1}.")
        self.width = dilation * (kernel // 2)
        self.periodic = per_axis_flags(periodic, ndim)
        zeros = tuple(0 if wraps else self.width for wraps in self.periodic)
        self.conv = _CONVOLUTION[ndim](in_channels, out_channels, kernel, stride=stride, dilation=dilation, padding=zeros)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return self.conv(_wrap(x, self.width, self.periodic))

    def zeroed(self) -> Convolution:
        """Itself, with weights and bias set to zero."""
        for parameter in self.parameters():
            nn.init.zeros_(parameter)
        return self


class Upsampling(nn.Module):
    """Transposed convolution with kernel 4 and stride 2: n points → 2 n points.

    Args:
        channels: channels that enter and leave.
        ndim: space dimensions, 1 or 2.
        periodic: which axes close on themselves; zeros are assumed outside of the others.

    Shape: ``(batch, channels, *space)`` → ``(batch, channels, *2 space)``.
    """

    def __init__(self, channels: int, *, ndim: int, periodic: bool | Sequence[bool] = True) -> None:
        super().__init__()
        self.periodic = per_axis_flags(periodic, ndim)
        # A ghost cell on each side adds two output points there: crop them together with the usual one.
        crop = tuple(3 if wraps else 1 for wraps in self.periodic)
        self.conv = _TRANSPOSED[ndim](channels, channels, 4, stride=2, padding=crop)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return self.conv(_wrap(x, 1, self.periodic))
