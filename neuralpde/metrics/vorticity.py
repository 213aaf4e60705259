"""Vorticity of a two-dimensional velocity, by which turbulent flows are compared."""

from __future__ import annotations

import torch
from torch import Tensor

from neuralpde.grids import Grid
from neuralpde.metrics.quadrature import CHANNEL_AXIS

__all__ = ["vorticity"]


def vorticity(velocity: Tensor, grid: Grid) -> Tensor:
    r"""Vorticity of every frame,  ω = ∂v_y/∂x − ∂v_x/∂y, with Fourier derivatives.

    Published correlation times of Kolmogorov flow are those of ω, not of the velocity (Kochkov et al. 2021; Lippe et al. 2023): its small
    scales decorrelate first.

    Args:
        velocity: trajectories with the two channels v_x, v_y; the first space axis is x.
        grid: a uniform grid, periodic in both axes.

    Shape: ``(batch, time, 2, x, y)`` → ``(batch, time, 1, x, y)``.

    Raises:
        ValueError: not two channels, or not a plane grid of that shape, periodic in both axes.

    Limits: the Nyquist mode of an even number of points has no derivative and is dropped. A velocity on a staggered grid must be brought to
    common nodes before.
    """
    if velocity.shape[CHANNEL_AXIS:] != (2, *grid.shape) or grid.ndim != 2 or not all(grid.periodic):
        raise ValueError(
            f"vorticity: needs two velocity channels on a plane grid, periodic in both axes, got {tuple(velocity.shape[CHANNEL_AXIS:])} on {grid}; "
            "choose the two velocity fields."
        )
    v_hat = torch.fft.rfft2(velocity)
    kx, ky = _derivative(grid, 0, half=False, like=v_hat).unsqueeze(-1), _derivative(grid, 1, half=True, like=v_hat)
    curl = 1j * (kx * v_hat[:, :, 1] - ky * v_hat[:, :, 0])
    return torch.fft.irfft2(curl, s=grid.shape).unsqueeze(CHANNEL_AXIS)


def _derivative(grid: Grid, axis: int, *, half: bool, like: Tensor) -> Tensor:
    """Wavenumbers of an odd derivative, in the precision of ``like``: zero at the Nyquist mode, whose derivative is not real on the nodes."""
    k, n = grid.wavenumbers(axis, half=half, device=like.device), grid.shape[axis]
    if n % 2 == 0:
        k[n // 2] = 0.0
    return k.to(like.real.dtype)
