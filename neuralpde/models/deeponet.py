"""Deep operator network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from neuralpde.grids import Grid
from neuralpde.models.conditions import LARGEST_LEVEL, Backbone, Conditions, level_of

__all__ = ["DeepONet"]


class DeepONet(Backbone):
    r"""Branch times trunk:  out_c(x) = Σₚ branch_{cp}(frames, coefficients) trunk_p(x) + bias_c.

    The branch sees the frames at ``sensors`` evenly spaced places per axis (by interpolation, so that it works at any resolution), the trunk the coordinates of
    the grid, scaled to [0, 1]; with ``harmonics`` periodic axes enter as cosines and sines instead, so that the output is periodic by construction. Both are
    plain networks of tanh layers. With ``branch=False`` the outputs do not depend on the frames: a basis for a constraint to combine.

    Args:
        in_channels: channels that enter.
        out_channels: channels that leave.
        ndim: dimensions of the grid, 1, 2 or 3.
        num_coefficients: equation coefficients, told to the branch.
        width: hidden width of both networks.
        num_layers: hidden layers of both.
        num_features: p, products per output channel.
        sensors: places per axis at which the branch reads.
        branch: whether there is one.
        level: condition on ``Conditions.level``, the index of a refinement step, like on a coefficient; needs a branch.
        harmonics: of every periodic axis, cos 2πkx and sin 2πkx with k = 1 … harmonics, in place of x; 0 lets x itself enter, which jumps at the ends.
        periodic: which axes close on themselves, one flag for all or one per axis; matters with ``harmonics`` only.

    Shape: ``(batch, in_channels, *space)`` → ``(batch, out_channels, *space)``.

    Raises:
        ValueError: a point set in place of a grid, or a level without a branch.

    Limits: the output is linear in the branch, so that sharp features that move need many products. On another box than in training the coordinates
    are scaled anew.

    Reference: Lu et al., "Learning nonlinear operators via DeepONet", Nature Machine Intelligence 3 (2021); without branch as in Négiar, Mahoney &
    Krishnapriyan, "Learning differentiable solvers for systems with hard constraints", 2023.
    """

    dimensions: ClassVar[tuple[int, ...]] = (1, 2, 3)

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        ndim: int,
        num_coefficients: int,
        width: int = 100,
        num_layers: int = 4,
        num_features: int = 64,
        sensors: int = 16,
        branch: bool = True,
        level: bool = False,
        harmonics: int = 0,
        periodic: bool | Sequence[bool] = False,
    ) -> None:
        super().__init__()
        self._check_dimension(ndim)
        if level and not branch:
            raise ValueError("DeepONet: level=True needs a branch to be told of it, got branch=False; set branch=True.")
        self.sensors, self.num_features, self.level = sensors, num_features, level
        flags = (periodic,) * ndim if isinstance(periodic, bool) else tuple(periodic)
        self.harmonics, self.periodic = harmonics, tuple(wraps and harmonics > 0 for wraps in flags)
        entering = sum(2 * harmonics if wraps else 1 for wraps in self.periodic)
        self.trunk = _tanh_network(entering, width, num_layers, num_features if branch else out_channels)
        self.branch = _tanh_network(in_channels * sensors**ndim + num_coefficients + level, width, num_layers, out_channels * num_features) if branch else None
        self.bias = nn.Parameter(torch.zeros(out_channels)) if branch else None

    def forward(self, frames: Tensor, conditions: Conditions) -> Tensor:
        """See the class."""
        if not isinstance(conditions.domain, Grid):
            raise ValueError("DeepONet: expected a Grid, got a PointSet; use a model for graphs, such as MessagePassing.")
        grid = conditions.domain
        features = self.trunk(self._seen(grid, frames))
        if self.branch is None:
            return features.T.unflatten(1, grid.shape).expand(len(frames), -1, *grid.shape)
        modes = ("linear", "bilinear", "trilinear")
        seen = F.interpolate(frames, size=(self.sensors,) * grid.ndim, mode=modes[grid.ndim - 1], align_corners=True)
        told = [conditions.coefficients, *([(level_of(self, conditions) / LARGEST_LEVEL).unsqueeze(1)] if self.level else [])]
        factors = self.branch(torch.cat([seen.flatten(1), *(values.to(frames) for values in told)], dim=1)).unflatten(1, (-1, self.num_features))
        return (factors @ features.T + self.bias.unsqueeze(1)).unflatten(2, grid.shape)  # type: ignore[union-attr]

    def _seen(self, grid: Grid, like: Tensor) -> Tensor:
        """What the trunk sees at the points of the grid, ``(points, inputs)``."""
        lower, lengths = (torch.tensor(ends, device=like.device, dtype=torch.float64) for ends in (grid.lower, grid.lengths))
        scaled = (grid.points(device=like.device) - lower) / lengths
        if not any(self.periodic):
            return scaled.to(like)
        waves = 2 * torch.pi * torch.arange(1, self.harmonics + 1, device=like.device)
        columns = [
            torch.cat([torch.cos(x[:, None] * waves), torch.sin(x[:, None] * waves)], dim=1) if wraps else x[:, None]
            for x, wraps in zip(scaled.unbind(1), self.periodic, strict=True)
        ]
        return torch.cat(columns, dim=1).to(like)


def _tanh_network(inputs: int, width: int, num_layers: int, outputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for k in range(num_layers):
        layers += [nn.Linear(inputs if k == 0 else width, width), nn.Tanh()]
    return nn.Sequential(*layers, nn.Linear(width, outputs))
