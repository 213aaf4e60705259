"""The Fourier symbol of the linear part of an equation."""

from __future__ import annotations

from typing import Any, NoReturn

import torch
from torch import Tensor

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.derivatives.split_operator import SplitOperator
from neuralpde.derivatives.wavenumbers import inverse_laplacian, powers, require_periodic, squared
from neuralpde.grids import Grid

__all__ = ["FourierSymbol", "symbol"]


class _Varying:
    """Stands for a coefficient that varies in space; any use of it raises."""

    def _refuse(self, *_: object) -> NoReturn:
        raise TypeError(
            "FourierSymbol: the linear part needs coefficients that are constant in space, got one that varies; "
            "move its term to `nonlinear`, or use a solver that needs no symbol."
        )

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __pow__ = __rpow__ = __neg__ = _refuse

    @classmethod
    def __torch_function__(cls, func: object, types: object, args: tuple = (), kwargs: dict | None = None) -> NoReturn:
        del func, types, args, kwargs
        return cls()._refuse()


class FourierSymbol(Derivatives):
    """Derivatives as multiplication by powers of ik; a field is a complex tensor over the half spectrum.

    Args:
        grid: periodic in every axis.
        device: where the multipliers live.
        t: time; the symbol of an equation with constant coefficients does not depend on it.
    """

    def __init__(self, grid: Grid, *, device: torch.device | str | None = None, t: float = 0.0) -> None:
        require_periodic("FourierSymbol", grid)
        self.grid, self.t, self.device = grid, t, device
        self.ndim = self.space_axes = grid.ndim
        self.x = (_Varying(),) * grid.ndim
        self._squared = squared(grid, device)
        self._inverse = inverse_laplacian(grid, device)

    def dx(self, u: Field, axis: int = 0, order: int = 1) -> Field:
        """(ik)^order u."""
        return u * powers(self.grid, axis, order, self.device)

    def laplacian(self, u: Field) -> Field:
        """−|k|² u."""
        return u * -self._squared

    def biharmonic(self, u: Field) -> Field:
        """|k|⁴ u."""
        return u * self._squared**2

    def diffuse(self, diffusivity: Field, u: Field) -> Field:
        """a Δu; ``a`` must be constant in space."""
        return diffusivity * self.laplacian(u)

    def mean(self, u: Field, axis: int | None = None) -> Field:
        """Only the zero mode (along one axis or all)."""
        axes = range(self.ndim) if axis is None else (axis,)
        for a in axes:
            u = u * (powers(self.grid, a, 2, self.device) == 0)
        return u

    def solve_poisson(self, f: Field) -> Field:
        """−f/|k|², zero at k = 0."""
        return f * self._inverse

    def lift(self, coefficient: Any) -> Any:
        """Numbers and ``(batch,)`` pass; anything that may vary in space becomes an object that raises on first use."""
        if callable(coefficient) or (isinstance(coefficient, Tensor) and coefficient.ndim > 1):
            return _Varying()
        return super().lift(coefficient)


def symbol(equation: SplitOperator, grid: Grid, *, device: torch.device | str | None = None) -> Tensor:
    r"""Symbol of ``equation.linear``: the matrix Λ(k) with  F(linear u)(k) = Λ(k) (F u)(k).

    Args:
        equation: its linear part must be constant in space.
        grid: periodic in every axis.
        device: where to compute; ``(batch,)`` coefficients must live there.

    Returns:
        complex128 tensor ``(batch | 1, out, in, *k)``, k in the layout of ``rfftn``; zero if there is no linear part.

    Raises:
        TypeError: a coefficient of the linear part varies in space.
    """
    d = FourierSymbol(grid, device=device)
    lifted = equation.on(d)
    num_channels = len(equation.fields)
    modes = (*grid.shape[:-1], grid.shape[-1] // 2 + 1)
    columns = []
    for channel in range(num_channels):
        one_hot = torch.zeros(1, num_channels, *modes, dtype=torch.complex128, device=device)
        one_hot[:, channel] = 1.0
        # Adding to a zero column turns an absent part (a plain 0.0) into a tensor of the right shape.
        columns.append(torch.zeros_like(one_hot) + lifted.linear(one_hot, d))
    return torch.stack(columns, dim=2)
