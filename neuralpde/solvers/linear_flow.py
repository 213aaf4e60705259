"""The exact flow of the linear part of an equation."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from neuralpde.derivatives import symbol
from neuralpde.equations.base import Equation
from neuralpde.grids import Grid

__all__ = ["FourierFlow", "LinearFlow", "NoFlow", "diagonal_symbol", "linear_flow"]


def diagonal_symbol(equation: Equation, grid: Grid, *, owner: str, device: torch.device | str | None = None) -> Tensor:
    """Symbol of a linear part that does not couple the channels.

    Shape: ``(batch | 1, channel, *k)``, complex128.

    Raises:
        ValueError: the linear part couples channels.
    """
    matrix = symbol(equation, grid, device=device)
    diagonal = torch.diagonal(matrix, dim1=1, dim2=2).movedim(-1, 1)
    coupling = matrix - torch.diag_embed(diagonal.movedim(1, -1)).movedim((-2, -1), (1, 2))
    if matrix.shape[1] > 1 and bool((coupling != 0).any()):
        raise ValueError(
            f"{owner}: the linear part needs to act on every channel alone, got one of {type(equation).__name__} that couples "
            f"{equation.fields}; move the coupling to nonlinear, or use RungeKutta."
        )
    return diagonal


class LinearFlow(Protocol):
    """u ↦ exp(τL) u in the representation where L is cheapest."""

    def enter(self, u: Tensor) -> Tensor:
        """From values to the representation."""
        ...

    def leave(self, modes: Tensor) -> Tensor:
        """Back to values."""
        ...

    def __call__(self, modes: Tensor, fraction: float) -> Tensor:
        """Flow over a fraction of the time step."""
        ...


class NoFlow:
    """The flow of an absent linear part; works on values."""

    def enter(self, u: Tensor) -> Tensor:
        """The values themselves."""
        return u

    def leave(self, modes: Tensor) -> Tensor:
        """The values themselves."""
        return modes

    def __call__(self, modes: Tensor, fraction: float) -> Tensor:
        """Identity."""
        del fraction
        return modes


class FourierFlow:
    """Multiplication by exp(fraction · step · Λ(k)), each trajectory with its own symbol.

    Args:
        exponents: Λ(k), ``(batch | 1, channel, *k)``.
        grid: periodic.
        step: time step.
    """

    def __init__(self, exponents: Tensor, grid: Grid, step: float) -> None:
        self.exponents, self.shape, self.step = exponents, grid.shape, step
        self._axes = tuple(range(-grid.ndim, 0))
        # A cache, not state: multipliers by fraction.
        self._factors: dict[float, Tensor] = {}

    def enter(self, u: Tensor) -> Tensor:
        """Fourier coefficients."""
        return torch.fft.rfftn(u, dim=self._axes)

    def leave(self, modes: Tensor) -> Tensor:
        """Values."""
        return torch.fft.irfftn(modes, s=self.shape, dim=self._axes)

    def __call__(self, modes: Tensor, fraction: float) -> Tensor:
        """Exact flow over ``fraction`` of the step."""
        if fraction == 0:
            return modes
        # Differences of nodes that agree up to round-off share one multiplier.
        key = round(fraction, 12)
        if key not in self._factors:
            self._factors[key] = torch.exp(fraction * self.step * self.exponents)
        return modes * self._factors[key]


def linear_flow(equation: Equation, grid: Grid, step: float, *, owner: str, device: torch.device | str | None = None) -> LinearFlow:
    """The flow of ``equation.linear``; a part that is absent, or whose coefficients are all zero, costs nothing."""
    exponents = diagonal_symbol(equation, grid, owner=owner, device=device)
    if not exponents.requires_grad and not bool((exponents != 0).any()):
        return NoFlow()
    return FourierFlow(exponents, grid, step)
