"""Small constrained problems with a known answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from neuralpde.constraints import Central, HardConstraint, InitialRows, ResidualRows, SpaceTime, WeightSolver
from neuralpde.derivatives import Fourier
from neuralpde.equations import Burgers
from neuralpde.grids import Grid

__all__ = ["constraint", "domain", "heat_modes", "random_basis", "solved"]


def domain(num_frames: int = 13, num_points: int = 16, end: float = 0.5) -> SpaceTime:
    """A periodic interval of length 2π."""
    return SpaceTime(torch.linspace(0, end, num_frames, dtype=torch.float64), Grid((num_points,), 0.0, 2 * math.pi))


def random_basis(where: SpaceTime, *, batch: int = 3, num_basis: int = 5, channels: int = 1, seed: int = 0) -> Tensor:
    """Smooth random fields, linear in time, ``(batch, basis, time, channel, *space)``."""
    generator = torch.Generator().manual_seed(seed)
    ends = torch.randn(2, batch, num_basis, 1, channels, where.grid.shape[0], generator=generator, dtype=torch.float64)
    ends_hat = torch.fft.rfft(ends)
    ends_hat[..., 4:] = 0
    ends = torch.fft.irfft(ends_hat, n=where.grid.shape[0])
    t = (where.times / where.times[-1]).view(-1, 1, 1)
    return ends[0] + t * ends[1]


def heat_modes(where: SpaceTime, diffusivity: float, modes: Sequence[int] = (1, 2, 3)) -> Tensor:
    """Solutions of the heat equation, ``(1, basis, time, 1, x)``."""
    x, t = where.grid.coordinates(), where.times.unsqueeze(1)
    return torch.stack([torch.exp(-diffusivity * m * m * t) * torch.cos(m * x) for m in modes])[None, :, :, None]


def constraint(*, count: int | None = 60, local: bool = False, solver: Any = None, **options: Any) -> HardConstraint:
    """Residual and initial rows in a periodic box."""
    families = {"residual": ResidualRows(count=count), "initial": InitialRows(5.0, local=local)}
    chosen = WeightSolver(tolerance=1e-12, max_steps=200) if solver is None else solver
    return HardConstraint(families, Fourier, solver=chosen, time=Central(4), **options)


def solved(
    basis: Tensor, initial: Tensor, where: SpaceTime, *, equation: Any = None, make: Callable[..., HardConstraint] = constraint, seed: int = 0, **options: Any
) -> Any:
    """The constrained solution with points drawn from ``seed``; viscous Burgers by default."""
    chosen = Burgers(torch.linspace(0.1, 0.3, len(basis), dtype=torch.float64)) if equation is None else equation
    generator = torch.Generator().manual_seed(seed)
    return make(**options)(basis, initial, equation=chosen, domain=where, generator=generator)
