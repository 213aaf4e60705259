"""Training of networks that return whole trajectories: by the equation, by data, or by both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

import torch
from torch import Tensor

from neuralpde.losses.norms import Norm, RelativeL2
from neuralpde.losses.objective import Model, Objective, Window

if TYPE_CHECKING:
    from neuralpde.graphs import Graph
    from neuralpde.grids import Grid, PointSet

__all__ = ["Operator", "TrajectoryLoss"]


class Operator(Protocol):
    """What the loss asks of a network; :class:`~neuralpde.constraints.ConstrainedOperator` provides it."""

    horizon: int

    def domain(self, grid: Any, *, start: float = 0.0, num_frames: int | None = None) -> Any:
        """Times and nodes of a prediction."""
        ...

    def penalties(self, solution: Any, initial: Tensor, coefficients: Tensor, domain: Any) -> Tensor:
        """Violation of every family of rows, ``(families, batch)``."""
        ...

    def __call__(self, initial: Tensor, coefficients: Tensor, domain: Any, *, generator: torch.Generator | None = None, graph: Any = None) -> Any:
        """A solution with ``frames`` ``(batch, time, channel, *space)``."""
        ...


class TrajectoryLoss(Objective):
    r"""physics · Σ_families ‖rows‖ + data · loss(u, u_ref), averaged over the batch.

    The first sum is the root mean square of the residual and of the initial and boundary rows, each at all of its points and with its scale. With
    ``data=0`` the training is self-supervised: of the window only the first frame, the initial state, is read.

    Args:
        physics: weight of the violated rows.
        data: weight of the difference to the reference solution.
        norm: of that difference.

    Raises:
        ValueError: both weights are zero.

    Limits: a window must start at the initial state, so trajectories are used whole.
    """

    def __init__(self, *, physics: float = 1.0, data: float = 0.0, norm: Norm | None = None) -> None:
        if physics <= 0 and data <= 0:
            raise ValueError(f"TrajectoryLoss: needs a positive weight, got physics={physics} and data={data}; raise one of them.")
        self.physics, self.data, self.norm = physics, data, norm or RelativeL2()

    def frames(self, horizon: int) -> int:
        """See the class."""
        return horizon

    def __call__(self, model: Model, window: Window, *, domain: Grid | PointSet, graph: Graph | None, epoch: int, generator: torch.Generator) -> Tensor:
        """See the class."""
        del epoch
        self._check(model, window)
        operator = cast(Operator, model)
        initial = window.frames[:, 0]
        where = operator.domain(domain, start=float(window.time[0]))
        solution = operator(initial, window.coefficients, where, generator=generator, graph=graph)
        total = initial.new_zeros(())
        if self.physics:
            total = total + self.physics * operator.penalties(solution, initial, window.coefficients, where).sum(0).mean()
        if self.data:
            total = total + self.data * self.norm(solution.frames[:, 1:], window.frames[:, 1:])
        return total
