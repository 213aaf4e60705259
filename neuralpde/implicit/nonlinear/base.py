"""What all non-linear solvers share: batches, precision, statistics, and the implicit derivative of the result."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from neuralpde.implicit.attach import Found, attach
from neuralpde.implicit.calls import Call
from neuralpde.implicit.closures import refuse_captured, refuse_hidden_dependence
from neuralpde.implicit.levels import carries_derivatives
from neuralpde.implicit.linear import JacobianOf, LinearSolver
from neuralpde.implicit.modes import push
from neuralpde.implicit.reports import OnFailure, report_failure
from neuralpde.implicit.root import RootRule, default_linear_solver
from neuralpde.implicit.vectors import Layout

__all__ = ["Iterate", "NonlinearSolver", "Problem", "Solution"]


@dataclass(frozen=True)
class Solution:
    """What a non-linear solve returns.

    Args:
        x: solution, with structure and precision of the initial guess; differentiable with respect to all arguments of the function.
        converged: whether the sample met the tolerance, ``(*batch,)``.
        steps: iterations the sample took, ``(*batch,)``.
        norm: size of the optimality condition at x, ``(*batch,)``; ‖F‖ for a root, ‖Jᵀr‖ for least squares.
    """

    x: Any
    converged: Tensor
    steps: Tensor
    norm: Tensor


@dataclass(frozen=True)
class Iterate:
    """Result of the iteration on vectors, before any derivative."""

    x: Tensor
    converged: Tensor
    steps: Tensor
    norm: Tensor


Flat = Callable[..., Tensor]
r"""Function of (x ``(*batch, n)``, \*θ), pure and without coupling between samples."""


@dataclass(frozen=True)
class Problem:
    r"""What is solved, on vectors.

    Args:
        function: (x ``(*batch, n)``, \*θ) → ``(*batch, m)``.
        jacobian: the same → ``(*batch, m, n)``, None if only ``function`` is known.
        curvature: the same → Σ rᵢ∇²rᵢ, ``(*batch, n, n)``, of a least-squares problem, None if it is not known.
    """

    function: Flat
    jacobian: Flat | None = None
    curvature: Flat | None = None

    def batched(self, in_dims: tuple[int | None, ...]) -> Problem:
        """The problem with one more batch axis."""
        parts = (self.function, self.jacobian, self.curvature)
        return Problem(*(None if part is None else torch.vmap(part, in_dims=in_dims) for part in parts))  # type: ignore[arg-type]

    def jacobian_at(self, x: Tensor, theta: tuple[Tensor, ...]) -> Tensor:
        """The given Jacobian, or n vectorised products in forward mode, which serve all samples at once."""
        if self.jacobian is not None:
            return self.jacobian(x, *theta)
        basis = torch.eye(x.shape[-1], dtype=x.dtype, device=x.device)
        columns = torch.vmap(lambda e: push(lambda x: self.function(x, *theta), (x,), (e.expand(x.shape).clone(),)))(basis)
        return columns.movedim(0, -1)


@dataclass(frozen=True, kw_only=True)
class NonlinearSolver(ABC):
    r"""Solves F(x, θ) = 0, or minimises ‖r(x, θ)‖², for each sample of a batch; call it as ``solver(function, init, *args)``.

    The result carries the implicit derivative in both modes and of every order, whatever the iteration did; derivatives with respect to ``init`` are zero.
    Samples do not influence each other: one that has converged is frozen while others continue, and ``torch.vmap`` adds a batch axis instead of a loop.

    Args:
        tolerance: relative accuracy of x to aim at; the error of the derivative is proportional to it.
        max_steps: limit of iterations.
        solve: linear solver of the derivative; :func:`~neuralpde.implicit.default_linear_solver` if None.
        dtype: precision of the solve and of its derivative, whatever the precision of the arguments; casting back is part of the graph.
        on_failure: what happens when a sample did not converge.
    """

    tolerance: float = 1e-10
    max_steps: int = 50
    solve: LinearSolver | None = None
    dtype: torch.dtype = torch.float64
    on_failure: OnFailure = "warn"

    @abstractmethod
    def iterate(self, problem: Problem, x: Tensor, theta: tuple[Tensor, ...]) -> Iterate:
        """The iteration, on vectors and without derivatives."""

    def problem(self, function: Callable[..., Any], call: Call, layout: Layout) -> Problem:
        """The user's function on vectors; here its values have the structure of x."""
        return Problem(call.function(function, lambda: layout, who=type(self).__name__))

    def rule(self, problem: Problem) -> RootRule:
        """How the solution is differentiated; here as a root of the function."""
        return RootRule(problem.function, JacobianOf(problem.function), self.solve or default_linear_solver())

    def __call__(self, function: Callable[..., Any], init: Any, *args: Any, batch_dims: int = 0) -> Solution:
        r"""Solve from ``init``.

        Args:
            function: function(x, \*args); everything that derivatives are wanted for is an argument, nested at will.
            init: initial guess, a tensor or a tree of tensors.
            args: θ; tensors, trees of tensors, or anything else.
            batch_dims: leading axes of ``init`` over which ``function`` does not couple; its values keep them. 0 means a single problem.

        Raises:
            TypeError: if ``function`` closes over tensors that need derivatives.
            ConvergenceError: see ``on_failure``.
        """
        who = type(self).__name__
        refuse_captured(function, who=who)
        layout = Layout.of(init, batch_dims=batch_dims, who=who)
        call = Call.of(self._cast(args), {})
        problem = self.problem(function, call, layout)
        start = layout.pack(self._cast(init))
        refuse_hidden_dependence(problem.function(start.detach(), *(tensor.detach() for tensor in call.tensors)), who=who)
        found = Found(Layout.of(start, batch_dims=batch_dims))
        (x,), statistics = attach(_Batched(self, problem), self.rule(problem), [start], call.tensors, found)
        leaves = [new.to(old.dtype) for new, old in zip(layout.unpack_leaves(x), pytree.tree_leaves(init), strict=True)]
        return Solution(pytree.tree_unflatten(leaves, layout.structure), *statistics)

    def _cast(self, tree: Any) -> Any:
        return pytree.tree_map(lambda leaf: leaf.to(self.dtype) if isinstance(leaf, Tensor) and carries_derivatives(leaf) else leaf, tree)


@dataclass(frozen=True)
class _Batched:
    """The iteration as a solve that can take more batch axes."""

    solver: NonlinearSolver
    problem: Problem

    def __call__(self, x: Tensor, *theta: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        solver = self.solver
        found = solver.iterate(self.problem, x, theta)
        advice = "raise max_steps or tolerance, or start closer; the derivative is as inexact as the solution"
        report_failure(type(solver).__name__, found.converged, found.norm, solver.tolerance, advice, solver.on_failure)
        return [found.x], [found.converged, found.steps, found.norm]

    def batched(self, in_dims: tuple[int | None, ...], size: int) -> _Batched:
        del size
        return _Batched(self.solver, self.problem.batched(in_dims))
