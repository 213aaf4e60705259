"""Convolution with a kernel that is given by its lowest Fourier coefficients."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["SpectralConvolution"]


class SpectralConvolution(nn.Module):
    r"""Truncated Fourier multiplier  F⁻¹( R(k) · F v (k) )  in any dimension.

    R is a complex matrix for every kept wavenumber: m on the last axis, 0 … m−1, and on each other axis the 2m in −m … m−1. All other
    wavenumbers are set to zero. Complex numbers are kept as pairs of reals in the weights and in the product; only the FFT sees complex ones.

    Args:
        in_channels: channels that enter.
        out_channels: channels that leave.
        num_modes: m for each axis.

    Shape: ``(batch, in_channels, *space)`` → ``(batch, out_channels, *space)``, any grid with at least 2m points per axis.

    Raises:
        ValueError: a grid that is too coarse.

    Limits: computes in float32 or better, also under autocast. The weights start uniform in [0, 1) / (in_channels · out_channels), all of one
    sign, as published.

    Reference: Li et al., "Fourier Neural Operator for Parametric Partial Differential Equations", 2021, equation 4.
    """

    def __init__(self, in_channels: int, out_channels: int, num_modes: Sequence[int]) -> None:
        super().__init__()
        self.out_channels, self.num_modes = out_channels, tuple(num_modes)
        corners = 2 ** (len(self.num_modes) - 1)
        self.weight = nn.Parameter(torch.rand(corners, in_channels, out_channels, *self.num_modes, 2) / (in_channels * out_channels))

    def forward(self, v: Tensor) -> Tensor:
        """See the class."""
        space = v.shape[2:]
        self._check(space)
        axes = tuple(range(2, v.ndim))
        with torch.autocast(v.device.type, enabled=False):
            v_hat = torch.fft.rfftn(v.to(torch.promote_types(v.dtype, torch.float32)), dim=axes)
            out_hat = v_hat.new_zeros(v.shape[0], self.out_channels, *v_hat.shape[2:])
            for weight, corner in zip(self.weight, self._corners(), strict=True):
                out_hat[corner] = _multiply(v_hat[corner], weight)
            return torch.fft.irfftn(out_hat, s=space, dim=axes)

    def _corners(self) -> list[tuple[slice, ...]]:
        """Index of each kept block of the half spectrum: low or high end of all axes but the last."""
        choices = [(slice(0, m), slice(-m, None)) for m in self.num_modes[:-1]]
        return [(slice(None), slice(None), *ends, slice(0, self.num_modes[-1])) for ends in itertools.product(*choices)]

    def _check(self, space: torch.Size) -> None:
        for m, n in zip(self.num_modes, space, strict=True):
            if n < 2 * m:
                raise ValueError(f"SpectralConvolution: num_modes={m} needs at least {2 * m} points per axis, got {n}; lower num_modes or refine the grid.")


def _multiply(v_hat: Tensor, weight: Tensor) -> Tensor:
    """Σᵢ weight[i, o, k] v_hat[b, i, k], the complex product as a real one with the matrices [[re, im], [−im, re]]."""
    real, imaginary = weight.unbind(-1)
    matrix = torch.stack([torch.stack([real, imaginary], -1), torch.stack([-imaginary, real], -1)], -2)
    return torch.view_as_complex(torch.einsum("bi...c,io...cd->bo...d", torch.view_as_real(v_hat), matrix).contiguous())
