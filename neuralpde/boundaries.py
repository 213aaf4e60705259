"""Boundary conditions: they act on the state, outside equations and derivative providers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

__all__ = ["DIRICHLET", "NEUMANN", "Boundary", "Dirichlet", "Flagged", "Neumann", "Robin", "Side", "parity"]

DIRICHLET = 0.0
"""Flag of a fixed end, u = 0."""

NEUMANN = 1.0
"""Flag of a free end, ∂u/∂n = 0."""

Side = Literal["lower", "upper"]


def parity(flag: float | Tensor) -> float | Tensor:
    """Sign under reflection at an end: −1 for Dirichlet (flag 0), +1 for Neumann (flag 1)."""
    return 2.0 * flag - 1.0


class Boundary(ABC):
    """The condition at one side of one axis, on a grid whose end nodes lie **on** the boundary."""

    @abstractmethod
    def row(self, u: Tensor, normal_derivative: Tensor) -> Tensor:
        """What must vanish at the boundary, given the state and its outward derivative there."""

    @abstractmethod
    def reflect(self, inner: Tensor, distance: Tensor) -> Tensor:
        """Ghost values outside from the mirrored values inside; ``distance`` is that of each ghost to the boundary."""

    def extend(self, u: Tensor, width: int, *, axis: int = -1, side: Side = "lower", spacing: float = 1.0) -> Tensor:
        """The state with ``width`` ghost layers at one side, filled by reflection.

        Args:
            u: state ``(batch, channel, *space)``.
            width: ghost layers, fewer than the points of the axis.
            axis: space axis to extend, counted from the right.
            side: which end.
            spacing: distance of the nodes.

        Raises:
            ValueError: more ghost layers than inner nodes.
        """
        n = u.shape[axis]
        if not 0 <= width < n:
            raise ValueError(f"{type(self).__name__}.extend: width needs to lie in 0..{n - 1}, got {width}; refine the grid.")
        upper = side == "upper"
        inner = u.narrow(axis, n - 1 - width if upper else 1, width).flip(axis)
        steps = torch.arange(1, width + 1, device=u.device, dtype=u.dtype) * spacing
        shape = [1] * u.ndim
        shape[axis] = width
        ghosts = self.reflect(inner, (steps if upper else steps.flip(0)).view(shape))
        return torch.cat([u, ghosts] if upper else [ghosts, u], dim=axis)


@dataclass(frozen=True, eq=False)
class Dirichlet(Boundary):
    """u = value; ghosts by odd reflection. ``value`` is a number or broadcasts against the state."""

    value: float | Tensor = 0.0

    def row(self, u: Tensor, normal_derivative: Tensor) -> Tensor:
        """U − value."""
        del normal_derivative
        return u - self.value

    def reflect(self, inner: Tensor, distance: Tensor) -> Tensor:
        """2 value − u."""
        del distance
        return 2 * self.value - inner


@dataclass(frozen=True, eq=False)
class Neumann(Boundary):
    """∂u/∂n = slope along the outward normal; ghosts by even reflection."""

    slope: float | Tensor = 0.0

    def row(self, u: Tensor, normal_derivative: Tensor) -> Tensor:
        """∂u/∂n − slope."""
        del u
        return normal_derivative - self.slope

    def reflect(self, inner: Tensor, distance: Tensor) -> Tensor:
        """U + 2 distance · slope."""
        return inner + 2 * distance * self.slope


@dataclass(frozen=True, eq=False)
class Flagged(Boundary):
    """Homogeneous Dirichlet or Neumann, chosen for each trajectory.

    Args:
        flag: 0 (Dirichlet) or 1 (Neumann), a number or ``(batch,)``.
    """

    flag: float | Tensor

    def _against(self, u: Tensor) -> float | Tensor:
        return self.flag.view(-1, *(1,) * (u.ndim - 1)).to(u) if isinstance(self.flag, Tensor) else self.flag

    def row(self, u: Tensor, normal_derivative: Tensor) -> Tensor:
        """U where the flag is 0, ∂u/∂n where it is 1."""
        flag = self._against(u)
        return (1 - flag) * u + flag * normal_derivative

    def reflect(self, inner: Tensor, distance: Tensor) -> Tensor:
        """∓u."""
        del distance
        return parity(self._against(inner)) * inner


@dataclass(frozen=True, eq=False)
class Robin(Boundary):
    """u + length · ∂u/∂n = value: a thin layer of thickness ``length`` outside, at whose far side u = value.

    A positive length lets the field relax towards ``value``; a negative one feeds it, and the problem has a mode that grows without bound as
    the length goes to zero.
    """

    length: float | Tensor = 1.0
    value: float | Tensor = 0.0

    def row(self, u: Tensor, normal_derivative: Tensor) -> Tensor:
        """U + length · ∂u/∂n − value."""
        return u + self.length * normal_derivative - self.value

    def reflect(self, inner: Tensor, distance: Tensor) -> Tensor:
        """Refused: the ghosts depend on the value at the end, see :meth:`extend`."""
        raise TypeError(f"Robin.reflect: needs the value at the end as well, got {inner.shape[-1]} inner values and {distance.numel()} distances; call extend.")

    def extend(self, u: Tensor, width: int, *, axis: int = -1, side: Side = "lower", spacing: float = 1.0) -> Tensor:
        """See :meth:`Boundary.extend`; ghosts by u(−s) = u(s) + 2s ∂u/∂n with the slope that the condition gives, of second order."""
        end = u.narrow(axis, u.shape[axis] - 1 if side == "upper" else 0, 1)
        return Neumann((self.value - end) / self.length).extend(u, width, axis=axis, side=side, spacing=spacing)
