"""Fields from one grid to another of the same box."""

from __future__ import annotations

import torch
from torch import Tensor

from neuralpde.grids import Grid

__all__ = ["resample", "spectral_filter"]


def resample(values: Tensor, source: Grid, target: Grid) -> Tensor:
    r"""Values at the nodes of ``target``, axis by axis.

    * uniform axes whose nodes contain those of the target: the matching nodes, bit for bit;
    * other periodic axes: the trigonometric polynomial through the values (modes beyond the target's Nyquist mode are dropped);
    * Chebyshev axes: the polynomial through the values, in barycentric form (Berrut & Trefethen, SIAM Rev. 46, 2004, eq. 4.2), at any
      kind of target nodes.

    Args:
        values: on ``source``.
        source: where the values live.
        target: where they are wanted, on the same box with the same periodicity.

    Shape: ``(..., *source.shape)`` → ``(..., *target.shape)``.

    Raises:
        ValueError: the boxes differ, the shape is not that of ``source``, or a bounded uniform axis does not contain the target's nodes.

    Limits: interpolation assumes smooth fields; a shock rings. Cell averages taken at matching nodes remain averages over the fine cells.
    """
    if (source.lower, source.upper, source.periodic) != (target.lower, target.upper, target.periodic):
        raise ValueError(
            f"resample: both grids need the same box, got [{source.lower}, {source.upper}] periodic={source.periodic} and "
            f"[{target.lower}, {target.upper}] periodic={target.periodic}; build the target by Grid.resized."
        )
    if values.shape[-source.ndim :] != source.shape:
        raise ValueError(f"resample: values need the trailing shape {source.shape}, got {tuple(values.shape)}; pass the grid they live on.")
    for axis in range(source.ndim):
        values = _along(values.movedim(axis - source.ndim, -1), source, target, axis).movedim(-1, axis - source.ndim)
    return values


def spectral_filter(values: Tensor, source: Grid, target: Grid) -> Tensor:
    """Values at the nodes of ``target`` without the modes that it cannot hold: the low-pass counterpart of :func:`resample`.

    Fourier modes with |m| < n/2 for the n points of each target axis are kept exactly, all others vanish, so nothing is aliased and the
    means of smooth quadratic quantities are those of the resolved scales.

    Args:
        values: on ``source``.
        source: where the values live.
        target: where they are wanted, on the same box, every axis at most as fine as that of ``source``.

    Shape: ``(..., *source.shape)`` → ``(..., *target.shape)``.

    Raises:
        ValueError: an axis is bounded, the boxes differ, or the target is finer.
    """
    if not all(source.periodic) or source.resized(target.shape) != target or any(m > n for m, n in zip(target.shape, source.shape, strict=True)):
        raise ValueError(
            f"spectral_filter: needs periodic axes and a coarser grid of the same box, got {target} for values on {source}; "
            "build the target by Grid.resized with fewer points."
        )
    for axis, (n, m) in enumerate(zip(source.shape, target.shape, strict=True)):
        if n != m:
            u_hat = torch.fft.rfft(values.movedim(axis - source.ndim, -1))[..., : (m + 1) // 2]
            values = (torch.fft.irfft(u_hat, n=m) * (m / n)).movedim(-1, axis - source.ndim)
    return values


def _along(values: Tensor, source: Grid, target: Grid, axis: int) -> Tensor:
    n, m = source.shape[axis], target.shape[axis]
    if not source.uniform[axis]:
        same = n == m and not target.uniform[axis]
        return values if same else values @ _barycentric(source.coordinates(axis), target.coordinates(axis)).T.to(values)
    # Intervals between nodes; a periodic axis has as many as nodes.
    open_end = 0 if source.periodic[axis] else 1
    if target.uniform[axis] and (n - open_end) % (m - open_end) == 0:
        return values[..., :: (n - open_end) // (m - open_end)]
    if source.periodic[axis]:
        return _fourier(values, m)
    raise ValueError(
        f"resample: a bounded uniform axis of {n} nodes needs a target whose nodes it contains, got {m} {target.nodes[axis]} nodes; "
        "choose a divisor of its intervals, or Chebyshev nodes for the source."
    )


def _fourier(values: Tensor, m: int) -> Tensor:
    n = values.shape[-1]
    u_hat = torch.fft.rfft(values, dim=-1)
    kept = min(n, m) // 2 + 1
    u_hat = u_hat[..., :kept]
    if min(n, m) % 2 == 0:
        # The Nyquist mode of the shorter grid stands for both signs of the wavenumber on the longer one.
        factor = torch.ones(kept, dtype=values.dtype, device=values.device)
        factor[-1] = 0.5 if m > n else 2.0
        u_hat = u_hat * factor
    return torch.fft.irfft(u_hat, n=m, dim=-1) * (m / n)


def _barycentric(nodes: Tensor, points: Tensor) -> Tensor:
    """Interpolation matrix from extremal Chebyshev nodes, ``(points, nodes)``."""
    weights = torch.ones_like(nodes)
    weights[1::2] = -1.0
    weights[0] *= 0.5
    weights[-1] *= 0.5
    gaps = points[:, None] - nodes[None, :]
    tolerance = 1e-14 * (nodes[-1] - nodes[0])
    hit = gaps.abs() <= tolerance
    quotients = weights / torch.where(hit, 1.0, gaps)
    matrix = quotients / quotients.sum(dim=1, keepdim=True)
    return torch.where(hit.any(dim=1, keepdim=True), hit.to(matrix.dtype), matrix)
