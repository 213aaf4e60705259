"""Energy and amplitude by integer wavenumber shell."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from neuralpde.metrics.quadrature import space_axes

__all__ = ["amplitude_spectrum", "energy_spectrum", "power", "shell_index", "shell_sum"]


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


def amplitude_spectrum(u: Tensor) -> Tensor:
    r"""Mean magnitude of the modes of a shell,  A(k) = mean over k ≤ |m| < k+1 of |û(m)|, with û the unnormalised FFT.

    In one dimension this is |rfft(u)|, the amplitude of the spectra of Lippe et al., PDE-Refiner (2023); average it over samples afterwards.
    That of ``pred − ref`` is the spectrum of the error.

    Args:
        u: a trajectory on a uniform periodic grid.

    Shape: ``(batch, time, channel, *space)`` → ``(batch, time, channel, shells)`` with shells 0 … min(n)/2, Nyquist included.

    Limits: grows with the number of points, since the transform is not normalised; modes in the corners beyond the last whole shell are
    left out. Meaningless on non-uniform nodes.
    """
    shape = u.shape[3:]
    index, num_shells = shell_index(shape, device=u.device), min(shape) // 2 + 1
    modes = shell_sum(torch.ones(shape, device=u.device, dtype=u.dtype), index, num_shells)
    return shell_sum(torch.fft.fftn(u, dim=space_axes(u)).abs(), index, num_shells) / modes
