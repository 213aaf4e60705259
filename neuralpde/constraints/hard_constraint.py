"""A layer that combines basis fields so that they satisfy an equation."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from neuralpde.constraints.blocks import Blocks, EqualSizes
from neuralpde.constraints.first_weights import Constant, FirstWeights
from neuralpde.constraints.local_derivatives import LocalDerivatives
from neuralpde.constraints.partition import Partition
from neuralpde.constraints.row_system import Placed, RowSystem
from neuralpde.constraints.rows import RowFamily
from neuralpde.constraints.space_time import SpaceTime
from neuralpde.constraints.terms import TermList, repeated
from neuralpde.constraints.time_difference import Central, TimeDifference
from neuralpde.constraints.weight_solver import FixedWeights, SolveStatistics, WeightSolver
from neuralpde.derivatives.base import Derivatives
from neuralpde.equations.base import Equation
from neuralpde.grids import Grid

__all__ = ["ConstrainedSolution", "HardConstraint", "Tabulated"]


@dataclass(frozen=True, eq=False)
class ConstrainedSolution:
    """A constrained solution.

    Args:
        frames: the solution, ``(batch, time, channel, *space)``, in the precision of the basis.
        weights: of the basis fields, ``(batch, experts, basis)``, float64.
        terms: differential terms of the solution, each expert's in its own window, ``(batch, terms, time, *space)``, float64.
        residual: of the equation, from these terms, ``(batch, channel, time, *space)``.
        partition: blocks of the experts.
        statistics: of the solves, ``(batch · experts,)``; None where nothing was solved.
    """

    frames: Tensor
    weights: Tensor
    terms: Tensor
    residual: Tensor
    partition: Partition
    statistics: SolveStatistics | None = None


@dataclass(frozen=True, eq=False)
class Tabulated:
    """Differential terms on the whole grid, float64.

    Args:
        terms: their order.
        basis: of every basis field, ``(batch, basis, terms, time, *space)``.
        offset: of the fixed field, ``(batch, terms, time, *space)``; zero without one.
        equation: with the coefficients of the batch.
        domain: times and grid.
    """

    terms: TermList
    basis: Tensor
    offset: Tensor
    equation: Equation
    domain: SpaceTime

    def residual(self, values: Tensor) -> Tensor:
        """Residual of the equation from term values ``(batch, terms, time, *space)``: ``(batch, channel, time, *space)``."""
        t, x = self.domain.coordinates(self.domain.flat().flatten().to(values.device))
        u, recorded = self.terms.leaves(values.flatten(2))
        d = LocalDerivatives(t[None, None], [c[None, None] for c in x], recorded)
        return d.values(self.equation.residual(u, d)).unflatten(2, self.domain.shape)


@dataclass(frozen=True, eq=False)
class HardConstraint:
    r"""u = offset + Σₙ wₙ bₙ with the weights that satisfy the rows best: one solve, or one for each block of a partition (mixture of experts).

    The differential terms of every basis field are computed once, on the whole grid and before any cut, so that the points at the edge of a block see
    their neighbours; the solver only forms weighted sums of them. With K experts the solution is Σₖ windowₖ(t, x) Σₙ wₖₙ bₙ, where the windows are the
    indicators of the blocks or, with an overlap, smooth ramps that sum to one.

    Args:
        families: what must hold, by name; :class:`~neuralpde.constraints.ResidualRows` among it as a rule.
        space: makes the provider of space derivatives from the grid, for example a partial of ``FiniteDifference``.
        counts: blocks per axis (t, x₁, …); None for one expert.
        overlap: points by which the windows of neighbouring experts reach into each other.
        ridge: a row ridge · wₙ for every weight; keeps dependent basis fields apart.
        start: value that every weight starts from, or what chooses the first weights, such as the warm :class:`~neuralpde.constraints.OneExpert`.
        solver: of the weights.
        time: how time derivatives are formed from the frames.
        blocks: where the domain is cut: in equal sizes, or by the residual (:class:`~neuralpde.constraints.EqualResiduals`).

    Limits: experts that see the equation in their own blocks only are not determined: lines and constants, one per block, may satisfy it. With several experts
    add :class:`~neuralpde.constraints.ResidualRows` with ``local=False``. The terms and the residual of the solution are those inside the blocks; jumps
    between blocks do not appear in them.

    Reference: Négiar, Mahoney & Krishnapriyan, "Learning differentiable solvers for systems with hard constraints", 2023; Chalapathi, Du &
    Krishnapriyan, "Scaling physics-informed hard constraints with mixture-of-experts", 2024.
    """

    families: Mapping[str, RowFamily]
    space: Callable[[Grid], Derivatives]
    counts: Sequence[int] | None = None
    overlap: int = 0
    ridge: float = 1e-4
    start: float | FirstWeights = 0.0
    solver: WeightSolver | FixedWeights = field(default_factory=WeightSolver)
    time: TimeDifference = field(default_factory=Central)
    blocks: Blocks = field(default_factory=EqualSizes)

    def partition(self, domain: SpaceTime, residual: Callable[[], Tensor] | None = None) -> Partition:
        """The blocks of a domain.

        Args:
            domain: what to cut.
            residual: see :class:`~neuralpde.constraints.Blocks`; by default the same everywhere.
        """
        counts = self.counts or (1,) * len(domain.shape)
        return self.blocks(domain, counts, overlap=self.overlap, residual=residual or (lambda: torch.ones(1, 1, *domain.shape)))

    def __call__(
        self,
        basis: Tensor,
        initial: Tensor,
        *,
        equation: Equation,
        domain: SpaceTime,
        offset: Tensor | None = None,
        generator: torch.Generator | None = None,
        start: Tensor | None = None,
        partition: Partition | None = None,
    ) -> ConstrainedSolution:
        """Solve and combine.

        Args:
            basis: basis fields, ``(batch, basis, time, channel, *space)``.
            initial: initial state, ``(batch, channel, *space)``.
            equation: its coefficients are numbers or ``(batch,)``.
            domain: times and grid.
            offset: a field added with weight one, ``(batch, time, channel, *space)``.
            generator: of the sampled points, on the CPU; needed by families that draw.
            start: first weights, ``(batch, experts, basis)``, in place of those of the layer. They receive no gradient.
            partition: other blocks than those of the layer.

        Raises:
            ValueError: shapes that do not fit the domain.
        """
        tabulated = self.tabulate(basis, offset, equation, domain)
        whole = functools.cache(lambda: self._of_one_expert(tabulated, basis, initial, offset, generator))
        cut = partition or self.partition(domain, lambda: whole().residual)
        first = start
        if first is None:
            like = torch.empty(len(basis), cut.num_blocks, basis.shape[1], dtype=torch.float64, device=basis.device)
            first = self.first_weights(like, lambda: whole().weights)
        return self._solve(first, tabulated, basis, initial, offset=offset, cut=cut, generator=generator)

    @property
    def first_weights(self) -> FirstWeights:
        """What chooses the first weights."""
        return Constant(self.start) if isinstance(self.start, int | float) else self.start

    @torch.no_grad()
    def _of_one_expert(
        self, tabulated: Tabulated, basis: Tensor, initial: Tensor, offset: Tensor | None, generator: torch.Generator | None
    ) -> ConstrainedSolution:
        """The solution of one constraint for the whole domain, without gradients."""
        cut = Partition.uniform(tabulated.domain.shape, (1,) * len(tabulated.domain.shape))
        first = torch.full((len(basis), 1, basis.shape[1]), self.first_weights.value, dtype=torch.float64, device=basis.device)
        return self._solve(first, tabulated, basis, initial, offset=offset, cut=cut, generator=generator)

    def _solve(
        self,
        first: Tensor,
        tabulated: Tabulated,
        basis: Tensor,
        initial: Tensor,
        *,
        offset: Tensor | None,
        cut: Partition,
        generator: torch.Generator | None,
    ) -> ConstrainedSolution:
        """Weights of all experts from the first ones, ``(batch, experts, basis)``, and the solution they make."""
        system, arrays = self.system(tabulated, initial, cut, generator)
        weights, statistics = self.solver(system, first.detach().double().flatten(0, 1), arrays)
        return self.combine(weights.unflatten(0, (-1, cut.num_blocks)), basis, offset, tabulated, cut, statistics)

    def tabulate(self, basis: Tensor, offset: Tensor | None, equation: Equation, domain: SpaceTime) -> Tabulated:
        """Differential terms of basis ``(batch, basis, time, channel, *space)`` and offset ``(batch, time, channel, *space)``."""
        expected = (domain.shape[0], len(equation.fields), *domain.grid.shape)
        if tuple(basis.shape[2:]) != expected:
            raise ValueError(f"HardConstraint: basis needs shape (batch, basis, {', '.join(map(str, expected))}), got {tuple(basis.shape)}; check the domain.")
        terms = TermList.of(equation, domain.grid.ndim)
        space = self.space(domain.grid)
        tables = terms.tabulate(basis.double(), equation, domain, space, self.time)
        fixed = tables.new_zeros(len(basis), *tables.shape[2:])
        if offset is not None:
            fixed = terms.tabulate(offset.double().unsqueeze(1), equation, domain, space, self.time)[:, 0]
        return Tabulated(terms, tables, fixed, equation, domain)

    def system(self, tabulated: Tabulated, initial: Tensor, cut: Partition, generator: torch.Generator | None) -> tuple[RowSystem, list[Tensor]]:
        """The least-squares problem of every sample and expert, and its tables: of the basis and of the offset, family by family."""
        experts, nodes = cut.num_blocks, initial.double().flatten(2)
        batch, domain = len(initial), tabulated.domain
        spread = repeated(tabulated.equation, experts)
        tables, offsets = tabulated.basis.flatten(3), tabulated.offset.flatten(2)
        families, arrays = [], []
        for family in self.families.values():
            points, valid = (v.to(tables.device) for v in family.points(domain, cut, generator))
            t, x = domain.coordinates(points)
            known = nodes[:, :, points % nodes.shape[2]].movedim(2, 1).expand(-1, experts, -1, -1).flatten(0, 1)
            weights, *where = (_per_sample(values, batch, experts) for values in (family.weights(valid), t, *x))
            placed = Placed(family, weights, tabulated.terms, spread, where[0].unsqueeze(1), tuple(c.unsqueeze(1) for c in where[1:]), known)
            families.append(placed)
            arrays += [_per_expert(tables[..., points], experts), _per_expert(offsets[..., points], experts)]
        return RowSystem(families, self.ridge), arrays

    def combine(
        self, weights: Tensor, basis: Tensor, offset: Tensor | None, tabulated: Tabulated, cut: Partition, statistics: SolveStatistics | None
    ) -> ConstrainedSolution:
        """The solution and its terms from the weights of all experts, ``(batch, experts, basis)``."""
        local = torch.einsum("bkn,k...->bn...", weights, cut.windows().to(weights))
        summed = tabulated.offset + (local.unsqueeze(2) * tabulated.basis).sum(1)
        frames = (local.unsqueeze(3) * basis.double()).sum(1)
        frames = frames if offset is None else frames + offset
        return ConstrainedSolution(frames.to(basis.dtype), weights, summed, tabulated.residual(summed), cut, statistics)

    def penalties(self, solution: ConstrainedSolution, initial: Tensor, equation: Equation, domain: SpaceTime) -> Tensor:
        """Root mean square of the scaled rows of every family, at all of its points and from the terms of the solution, ``(families, batch)``."""
        everywhere = dataclasses.replace(self, families={name: _drawn_everywhere(family) for name, family in self.families.items()})
        whole = Partition.uniform(domain.shape, (1,) * len(domain.shape))
        empty = solution.terms.new_zeros(len(initial), 0, *solution.terms.shape[1:])
        tabulated = Tabulated(TermList.of(equation, domain.grid.ndim), empty, solution.terms, equation, domain)
        system, arrays = everywhere.system(tabulated, initial, whole, None)
        rows = [placed(offset).flatten(1).norm(dim=1) for placed, offset in zip(system.families, arrays[1::2], strict=True)]
        return torch.stack(rows)


def _drawn_everywhere(family: RowFamily) -> RowFamily:
    return dataclasses.replace(family, count=None, local=False)


def _per_sample(values: Tensor, batch: int, experts: int) -> Tensor:
    """``(blocks or 1, points)`` → ``(batch · experts, points)``, experts fastest."""
    return values.expand(experts, -1).repeat(batch, 1)


def _per_expert(gathered: Tensor, experts: int) -> Tensor:
    """``(batch, ..., blocks or 1, points)`` → ``(batch · experts, ..., points)``."""
    return gathered.movedim(-2, 1).expand(-1, experts, *(-1,) * (gathered.ndim - 2)).flatten(0, 1)
