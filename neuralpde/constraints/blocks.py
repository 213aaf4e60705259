"""Where the grid is cut into blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor
from typing_extensions import override

from neuralpde.constraints.partition import Partition
from neuralpde.constraints.space_time import SpaceTime

__all__ = ["Blocks", "EqualResiduals", "EqualSizes"]


class Blocks(Protocol):
    """Cuts a domain into a number of blocks per axis."""

    def __call__(self, domain: SpaceTime, counts: Sequence[int], *, overlap: int, residual: Callable[[], Tensor]) -> Partition:
        """The partition.

        Args:
            domain: what to cut.
            counts: blocks per axis (t, x₁, …).
            overlap: of the windows, see :class:`~neuralpde.constraints.Partition`.
            residual: gives the residual of the equation that one constraint for the whole domain leaves, ``(batch, channel, time, *space)``. It costs a
                solve, which only those pay for that ask.
        """
        ...


@dataclass(frozen=True)
class EqualSizes(Blocks):
    """Blocks of equal size, up to one point."""

    @override
    def __call__(self, domain: SpaceTime, counts: Sequence[int], *, overlap: int, residual: Callable[[], Tensor]) -> Partition:
        del residual
        return Partition.uniform(domain.shape, counts, overlap=overlap, periodic=domain.periodic)


@dataclass(frozen=True)
class EqualResiduals(Blocks):
    r"""Blocks that hold equal shares, axis by axis, of the residual that one constraint for the whole domain leaves.

    The density is  rms |r| over batch and channels + ``floor`` · its mean, so that experts stand closer together where one of them did worst. All samples of a
    batch share the blocks, since their experts are one batch of solves.

    Args:
        floor: share of the mean that counts everywhere; large values approach blocks of equal size.
        narrowest: fewest points of a block along an axis. A block at the end of a bounded axis loses its outermost points, which have no residual rows.

    Limits: a prediction depends on the other samples of its batch. The cut itself has no derivative.
    """

    floor: float = 1.0
    narrowest: int = 4

    @override
    def __call__(self, domain: SpaceTime, counts: Sequence[int], *, overlap: int, residual: Callable[[], Tensor]) -> Partition:
        density = residual().square().mean((0, 1)).sqrt()
        density = density + self.floor * density.mean()
        return Partition.balanced(density.cpu(), counts, narrowest=self.narrowest, overlap=overlap, periodic=domain.periodic)
