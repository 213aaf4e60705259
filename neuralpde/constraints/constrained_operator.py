"""A network from initial state to trajectory whose last layer is a differentiable solve."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from neuralpde.constraints.ansatz import Ansatz, Free
from neuralpde.constraints.equation_family import EquationFamily
from neuralpde.constraints.hard_constraint import ConstrainedSolution, HardConstraint
from neuralpde.constraints.space_time import SpaceTime
from neuralpde.constraints.time_axis import TimeAxis
from neuralpde.graphs import Graph
from neuralpde.grids import Grid, PointSet
from neuralpde.models.conditions import Backbone, Conditions
from neuralpde.rollout import WindowStepper

__all__ = ["BoundOperator", "ConstrainedOperator"]


class ConstrainedOperator(nn.Module):
    r"""Initial state → N basis fields in space and time → weights by a constraint → trajectory.

    The backbone works on the space-time grid. It sees the initial state at every time, and time and coordinates in units of the training domain, so
    that it may be asked for later times than it was trained on. Without a solve (a constraint whose solver is
    :class:`~neuralpde.constraints.FixedWeights`) this is an ordinary operator network, the baseline of soft constraints.

    Args:
        backbone: network in ``ndim + 1`` dimensions with ``channels + ndim + 1`` input and ``num_basis · channels`` output channels.
        constraint: combines the basis fields.
        equations: the equation for the coefficients of a batch, which the network is told too.
        time: frames to predict, and the unit of their times.
        num_basis: N.
        channels: fields of the equation.
        ansatz: form of the solution.
        graph: builds the graph of the space-time grid, for backbones that need one.

    Raises:
        ValueError: a backbone that needs a graph and no builder.
    """

    history = 1
    coefficient_scale: Tensor

    def __init__(
        self,
        backbone: Backbone,
        *,
        constraint: HardConstraint,
        equations: EquationFamily,
        time: TimeAxis,
        num_basis: int,
        channels: int,
        ansatz: Ansatz | None = None,
        graph: Callable[[Grid | PointSet], Graph] | None = None,
    ) -> None:
        super().__init__()
        if backbone.needs_graph and graph is None:
            raise ValueError(f"ConstrainedOperator: {type(backbone).__name__} needs a graph builder, got none; give graph=Nearest(6) or another builder.")
        self.backbone, self.constraint, self.equations, self.ansatz, self.graph = backbone, constraint, equations, ansatz or Free(), graph
        self.time, self.num_basis, self.channels = time, num_basis, channels
        self.horizon, self.dt, self.time_scale = time.horizon, time.dt, time.scale
        self.register_buffer("coefficient_scale", torch.as_tensor(tuple(equations.scales), dtype=torch.float32), persistent=False)

    def domain(self, grid: Grid, *, start: float = 0.0, num_frames: int | None = None) -> SpaceTime:
        """Times and nodes of a prediction that starts at ``start``."""
        return SpaceTime(self.time.times(start=start, num_frames=num_frames), grid)

    def build_graph(self, grid: Grid | PointSet) -> Graph | None:
        """Graph of the space-time grid, or None for backbones that work on grids."""
        if self.graph is None or not self.backbone.needs_graph:
            return None
        if not isinstance(grid, Grid):
            raise ValueError(f"ConstrainedOperator: needs a Grid, got a {type(grid).__name__}; the constraint takes derivatives on a grid.")
        return self.graph(self.domain(grid).as_grid())

    def basis(self, initial: Tensor, coefficients: Tensor, domain: SpaceTime, graph: Graph | None = None) -> tuple[Tensor, Tensor | None]:
        """Basis fields ``(batch, basis, time, channel, *space)`` and the fixed field of the ansatz."""
        frames = torch.cat([self._spread(initial, domain), *self._coordinates(initial, domain)], dim=1)
        scaled = coefficients.to(initial) / self.coefficient_scale
        conditions = Conditions(torch.zeros(len(initial), device=initial.device), scaled, domain.as_grid(), graph)
        raw = self.backbone(frames, conditions).unflatten(1, (self.num_basis, self.channels)).movedim(2, 3)
        return self.ansatz(raw, initial, domain)

    def forward(
        self,
        initial: Tensor,
        coefficients: Tensor,
        domain: SpaceTime,
        *,
        generator: torch.Generator | None = None,
        graph: Graph | None = None,
    ) -> ConstrainedSolution:
        """The constrained trajectory.

        Args:
            initial: ``(batch, channel, *space)``.
            coefficients: in physical units, ``(batch, num)``.
            domain: times and nodes.
            generator: of the points at which rows are drawn.
            graph: for backbones that need one.
        """
        basis, offset = self.basis(initial, coefficients, domain, graph)
        return self.constraint(basis, initial, equation=self.equations(coefficients), domain=domain, offset=offset, generator=generator)

    def penalties(self, solution: ConstrainedSolution, initial: Tensor, coefficients: Tensor, domain: SpaceTime) -> Tensor:
        """Root mean square of every family of rows at all of its points, ``(families, batch)``."""
        return self.constraint.penalties(solution, initial, self.equations(coefficients), domain)

    def bind(self, domain: Grid | PointSet, coefficients: Tensor) -> BoundOperator:
        """The network as a :class:`~neuralpde.rollout.Stepper` that returns whole trajectories."""
        return BoundOperator(self, domain, coefficients)

    @staticmethod
    def _spread(initial: Tensor, domain: SpaceTime) -> Tensor:
        return initial.unsqueeze(2).expand(-1, -1, domain.shape[0], *(-1,) * domain.grid.ndim)

    def _coordinates(self, initial: Tensor, domain: SpaceTime) -> list[Tensor]:
        grid = domain.grid
        axes = [self.time.scaled(domain.times)]
        axes += [(grid.coordinates(axis) - grid.lower[axis]) / grid.lengths[axis] for axis in range(grid.ndim)]
        mesh = torch.meshgrid(*(values.to(initial) for values in axes), indexing="ij")
        return [values.expand(len(initial), 1, *domain.shape) for values in mesh]


class BoundOperator(WindowStepper):
    """A :class:`ConstrainedOperator` on one grid, with the coefficients of one batch, without gradients; draws the same points every time."""

    def __init__(self, model: ConstrainedOperator, grid: Grid | PointSet, coefficients: Tensor) -> None:
        if not isinstance(grid, Grid):
            raise ValueError(f"BoundOperator: needs a Grid, got a {type(grid).__name__}; the constraint takes derivatives on a grid.")
        self.model, self.grid, self.coefficients, self._nodes = model, grid, coefficients, grid
        self.dt, self.horizon = model.dt, model.horizon
        self.graph = model.build_graph(grid)

    @torch.no_grad()
    def advance(self, window: Tensor, t: float = 0.0) -> Tensor:
        """See :meth:`neuralpde.rollout.Stepper.advance`."""
        self.model.eval()
        domain = self.model.domain(self._nodes, start=t)
        generator = torch.Generator().manual_seed(0)
        return self.model(window[:, -1], self.coefficients.to(window), domain, generator=generator, graph=self.graph).frames[:, 1:]
