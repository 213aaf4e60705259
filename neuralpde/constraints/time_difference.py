"""How ∂u/∂t is formed from stored frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.derivatives.stencils import Stencil, difference, weights_at
from neuralpde.grids import Grid

__all__ = ["Backward", "Central", "TimeDifference"]


class TimeDifference(Protocol):
    """Makes the stencil of ∂/∂t from equidistant times."""

    def __call__(self, times: Tensor) -> Stencil:
        """The stencil along the time axis, one row per frame."""
        ...


@dataclass(frozen=True)
class Central(TimeDifference):
    """Central differences, one-sided at the first and last frames.

    Args:
        order: order of accuracy, even.
    """

    order: int = 2

    @override
    def __call__(self, times: Tensor) -> Stencil:
        axis = Grid((len(times),), times[0].item(), times[-1].item(), periodic=False)
        return difference(axis, 0, 1, self.order).on(times.device)


@dataclass(frozen=True)
class Backward(TimeDifference):
    r"""(3uₖ − 4uₖ₋₁ + uₖ₋₂)/2Δt, and (u₁ − u₀)/Δt for the first two frames.

    The rows of a trajectory are then those of the L-stable second-order backward differentiation formula: a layer that a jump in the data leaves within
    the first frames decays instead of ringing. No frame depends on later ones, so that later residuals do not move earlier frames of the discrete solution.
    """

    @override
    def __call__(self, times: Tensor) -> Stencil:
        dt, count = (times[1] - times[0]).double(), len(times)
        index = (torch.arange(count).unsqueeze(1) + torch.tensor([-2, -1, 0])).clamp(min=0)
        index[:2] = torch.tensor([0, 0, 1])
        weights = weights_at(torch.tensor([[-2.0, -1.0, 0.0]], dtype=torch.float64), 1).expand(count, 3).clone()
        weights[:2] = torch.tensor([0.0, -1.0, 1.0], dtype=torch.float64)
        return Stencil(index, weights / dt.cpu()).on(times.device)
