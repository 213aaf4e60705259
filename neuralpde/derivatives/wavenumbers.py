"""Fourier multipliers of a periodic grid, in the half-spectrum layout of ``rfftn``."""

from __future__ import annotations

import torch
from torch import Tensor

from neuralpde.grids import Grid

__all__ = ["inverse_div_grad", "inverse_laplacian", "keep_mask", "powers", "require_periodic", "squared"]

Device = torch.device | str | None


def require_periodic(owner: str, grid: Grid) -> None:
    """Refuse a grid with a bounded axis.

    Raises:
        ValueError: an axis is not periodic.
    """
    if not all(grid.periodic):
        raise ValueError(f"{owner}: every axis of the grid needs to be periodic, got periodic={grid.periodic}; use FiniteDifference.")


def _along(values: Tensor, axis: int, ndim: int) -> Tensor:
    return values.view([-1 if a == axis else 1 for a in range(ndim)])


def powers(grid: Grid, axis: int, order: int, device: Device = None) -> Tensor:
    """(ik)^order along one axis, complex, shape 1 on the other axes. Odd orders are zero at the Nyquist mode."""
    k = grid.wavenumbers(axis, half=axis == grid.ndim - 1, device=device)
    n = grid.shape[axis]
    if n % 2 == 0 and order % 2 == 1:
        k[n // 2] = 0.0
    return _along((1j * k) ** order, axis, grid.ndim)


def squared(grid: Grid, device: Device = None) -> Tensor:
    """|k|², real, shape ``(*k)``."""
    terms = [_along(grid.wavenumbers(a, half=a == grid.ndim - 1, device=device) ** 2, a, grid.ndim) for a in range(grid.ndim)]
    return sum(terms[1:], start=terms[0])


def inverse_laplacian(grid: Grid, device: Device = None) -> Tensor:
    """−1/|k|², zero at k = 0: the solution of Poisson's equation with zero mean."""
    return _negative_inverse(squared(grid, device))


def inverse_div_grad(grid: Grid, device: Device = None) -> Tensor:
    """Inverse of the divergence of the gradient as :func:`powers` has them, without Nyquist modes; zero where they vanish."""
    terms = [powers(grid, axis, 1, device).imag ** 2 for axis in range(grid.ndim)]
    return _negative_inverse(sum(terms[1:], start=terms[0]))


def _negative_inverse(k_squared: Tensor) -> Tensor:
    return torch.where(k_squared > 0, -1.0 / torch.where(k_squared > 0, k_squared, 1.0), 0.0)


def keep_mask(grid: Grid, fraction: float, device: Device = None) -> Tensor | None:
    """1 where |m| < fraction · n/2 in every axis, else 0; ``None`` if all modes are kept.

    The inequality is strict: with fraction 2/(p + 1) it says (p + 1)|m| < n, the condition under which no mode of a product of degree p
    is aliased onto a kept one (Orszag 1971 for p = 2).
    """
    if fraction == 1:
        return None
    mask = torch.ones((), dtype=torch.float64, device=device)
    for axis, n in enumerate(grid.shape):
        m = (torch.fft.rfftfreq if axis == grid.ndim - 1 else torch.fft.fftfreq)(n, d=1.0 / n, dtype=torch.float64, device=device)
        # The tolerance keeps 2/3 · 66/2 = 22.000…04 from admitting m = 22.
        mask = mask * _along((m.abs() < fraction * n / 2 - 1e-9).double(), axis, grid.ndim)
    return mask
