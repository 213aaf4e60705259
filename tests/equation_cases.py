"""The equations under test, each with per-trajectory coefficients, and tiny networks to put in the place of the unknown."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from neuralpde.derivatives import Fourier
from neuralpde.equations import (
    Advection,
    Burgers,
    Combined,
    Equation,
    Heat,
    KortewegDeVries,
    KuramotoSivashinsky,
    VelocityNavierStokes,
    VorticityNavierStokes,
    Wave,
)
from neuralpde.grids import Grid
from neuralpde.initial import GaussianField, RandomSineSeries, SinusoidalShear, stack_draws


@dataclass(frozen=True, eq=False)
class Case:
    name: str
    equation: Equation
    grid: Grid

    @property
    def ndim(self) -> int:
        return self.grid.ndim


def spread(low: float, high: float, batch: int) -> Tensor:
    return torch.linspace(low, high, batch, dtype=torch.float64)


def forcing_1d(batch: int, length: float):
    generator = torch.Generator().manual_seed(5)
    return stack_draws([RandomSineSeries(length=length)(generator) for _ in range(batch)])


def forcing_2d(batch: int):
    generator = torch.Generator().manual_seed(6)
    return stack_draws([GaussianField(max_mode=2)(generator) for _ in range(batch)])


def cases(batch: int = 3, n: int = 32, n2: int = 16) -> list[Case]:
    line, square, cube = Grid((n,), 0.0, 8.0), Grid((n2, n2), 0.0, 2 * math.pi), Grid((6, 8, 10), 0.0, (1.0, 2.0, 3.0))
    shear = SinusoidalShear(spread(1, 2, batch), spread(2, 2, batch))
    combined = Combined(spread(0, 3, batch), spread(0, 0.4, batch), spread(0, 1, batch), forcing_1d(batch, 8.0))
    return [
        Case("advection", Advection(spread(-1, 2, batch)), line),
        Case("advection 2d", Advection((spread(-1, 2, batch), 0.7)), square),
        Case("heat", Heat(spread(0.1, 2, batch)), line),
        Case("heat 3d", Heat(spread(0.1, 2, batch)), cube),
        Case("burgers", Burgers(spread(0.1, 1, batch)), line),
        Case("burgers 2d", Burgers(spread(0.1, 1, batch)), square),
        Case("kdv", KortewegDeVries(spread(0.5, 2, batch)), line),
        Case("ks", KuramotoSivashinsky(spread(0.5, 1.5, batch), spread(0.9, 1.1, batch), spread(1.2, 0.8, batch)), line),
        Case("combined", combined, line),
        Case("vorticity", VorticityNavierStokes(spread(0.01, 0.1, batch), forcing_2d(batch), spread(0.3, 0.1, batch)), square),
        Case("velocity", VelocityNavierStokes(spread(0.01, 0.1, batch), shear, spread(0.3, 0.1, batch)), square),
        Case("wave", Wave(spread(1, 2, batch)), line),
        Case("wave 2d", Wave(spread(1, 2, batch)), square),
    ]


def smooth_state(case: Case, batch: int, seed: int = 0) -> Tensor:
    """Band-limited random state ``(batch, C, *space)``."""
    generator = torch.Generator().manual_seed(seed)
    law = GaussianField(lengths=case.grid.lengths, max_mode=2, correlation=0.2)
    d = Fourier(case.grid)
    channels = [d.lift(stack_draws([law(generator) for _ in range(batch)])) for _ in case.equation.fields]
    return torch.cat(channels, dim=1)


class TinyNetwork(nn.Module):
    """A smooth function of time and of periodic coordinates: sin/cos features, one hidden tanh layer."""

    def __init__(self, lengths: tuple[float, ...], channels: int, *, hidden: int = 6, seed: int = 0) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.lengths = lengths
        self.inner = nn.Parameter(0.4 * torch.randn(hidden, 2 * len(lengths) + 2, generator=generator, dtype=torch.float64))
        self.outer = nn.Parameter(torch.randn(channels, hidden, generator=generator, dtype=torch.float64))

    def forward(self, t: Tensor | float, *x: Tensor) -> Tensor:
        """Coordinates ``(batch, 1, *points)`` → ``(batch, channels, *points)``."""
        angles = [2 * math.pi * c / length for c, length in zip(x, self.lengths, strict=True)]
        time = t + torch.zeros_like(x[0])
        features = torch.cat([time, torch.ones_like(time), *map(torch.sin, angles), *map(torch.cos, angles)], dim=1)
        hidden = torch.tanh(torch.einsum("hf,bf...->bh...", self.inner, features))
        return torch.einsum("ch,bh...->bc...", self.outer, hidden)

    def with_rate(self, t: float, *x: Tensor) -> tuple[Tensor, Tensor]:
        """The function and its time derivative, by two reverse passes: v·∂u/∂t is linear in v."""
        time = torch.tensor(t, dtype=torch.float64, requires_grad=True)
        u = self(time, *x)
        v = torch.zeros_like(u, requires_grad=True)
        (product,) = torch.autograd.grad(u, time, v, create_graph=True)
        (rate,) = torch.autograd.grad(product, v)
        return u.detach(), rate
