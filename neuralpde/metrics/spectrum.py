"""Energy by integer wavenumber shell."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from neuralpde.metrics.quadrature import space_axes

__all__ = ["energy_spectrum", "power", "shell_index", "shell_sum"]


def power(u: Tensor) -> Tensor:
    r"""|û(k)|² / S² of every mode in FFT order, so that the sum over k is the mean square (Parseval); same shape as ``u``."""
    return (torch.fft.fftn(u, dim=space_axes(u)).abs() / u[0, 0, 0].numel()).square()


def shell_index(shape: Sequence[int], *, device: torch.device | str | None = None) -> Tensor:
    """Shell ⌊|m|⌋ of every mode of an FFT, with m the integer mode numbers, shape ``(*space)``."""
    modes = [torch.fft.fftfreq(n, d=1 / n, device=device, dtype=torch.float64).round() for n in shape]
    mesh = torch.meshgrid(*modes, indexing="ij")
    squared = sum((m.square() for m in mesh), start=torch.zeros((), device=device, dtype=torch.float64))
    # Whole numbers below 2⁵³ have correctly rounded roots, so a shell boundary cannot be missed by round-off.
    return squared.sqrt().floor().to(torch.int64)


def shell_sum(values: Tensor, index: Tensor, num_shells: int) -> Tensor:
    """Sum of ``values`` over every shell, ``(*lead, *space)`` and ``(*space)`` → ``(*lead, num_shells)``; modes outside are left out."""
    flat, index = values.flatten(-index.ndim), index.flatten()
    inside = (index >= 0) & (index < num_shells)
    shells = torch.zeros(*flat.shape[:-1], num_shells, device=values.device, dtype=values.dtype)
    return shells.index_add(-1, index[inside], flat[..., inside])


def energy_spectrum(u: Tensor) -> Tensor:
    r"""Mean square per shell,  E(k) = Σ_{k ≤ |m| < k+1} |û(m)|² / S²,  k = 0, 1, …; the sum over k is ⟨u²⟩.

    Args:
        u: a trajectory on a uniform periodic grid. On a box that is not a cube, m counts periods per axis, not physical wavenumbers.

    Shape: ``(batch, time, channel, *space)`` → ``(batch, time, channel, shells)``; in one dimension S//2 + 1 shells.

    Limits: meaningless on non-uniform nodes; on a bounded axis the jump at the ends spreads over all shells.
    """
    index = shell_index(u.shape[3:], device=u.device)
    return shell_sum(power(u), index, int(index.max()) + 1)
