"""One signature for every linear solver, its derivative rule, and its report."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from neuralpde.implicit.closures import refuse_captured, refuse_hidden_dependence
from neuralpde.implicit.linear.linearisation import Linear, Linearisation, Transposed
from neuralpde.implicit.linear.operator import Operator, Product
from neuralpde.implicit.modes import carries_derivatives, nested_forward_mode, primals, pull_params, push_params
from neuralpde.implicit.reports import OnFailure, report_failure
from neuralpde.implicit.vectors import Layout

__all__ = ["LinearSolution", "LinearSolver", "solve_linearised"]


@dataclass(frozen=True)
class LinearSolution:
    """What a linear solve returns.

    Args:
        x: solution, with the structure of the right-hand side; differentiable.
        residual: ‖b − Ax‖ / ‖b‖ of each sample, ``(*batch,)``, from a product that the iteration did not use (0 where b = 0).
        converged: whether it met the tolerance, ``(*batch,)``.
        steps: products or iterations spent, ``(*batch,)``; 1 for a factorisation.
    """

    x: Any
    residual: Tensor
    converged: Tensor
    steps: Tensor


@dataclass(frozen=True, kw_only=True)
class LinearSolver(ABC):
    """Solves A x = b for each sample of a batch.

    A subclass implements :meth:`iterate` on plain vectors. This class adds what all share: trees, batches, ridge, the true residual, the reaction to a
    failure, and the
    derivative: with x = A(p)⁻¹ b, reverse mode solves Aᵀλ = x̄ and pulls back −λᵀ A(p) x, forward mode solves A ẋ = ḃ − Ȧ x. Both are solves of this class
        again, hence
    derivatives of every order.

    Args:
        rtol: tolerance on ‖b − Ax‖ / ‖b‖ of each sample; None is 1e-10 in float64 and 1e-5 in float32.
        max_steps: limit of iterations; None is ten times the number of unknowns of one sample, at least 100.
        ridge: ρ ≥ 0, solves (A + ρI) x = b. It biases the solution by O(ρ / smallest eigenvalue).
        on_failure: what happens when a sample missed the tolerance.

    Limits: A is square and not singular unless the subclass says otherwise.
    """

    rtol: float | None = None
    max_steps: int | None = None
    ridge: float = 0.0
    on_failure: OnFailure = "warn"

    @abstractmethod
    def iterate(self, operator: Operator, b: Tensor, preconditioner: Product | None) -> tuple[Tensor, Tensor]:
        """Solution ``(*batch, n)`` and steps ``(*batch,)``; reports nothing."""

    def solve(
        self, matvec: Callable[..., Any], b: Any, *params: Any, batch_dims: int = 0, preconditioner: Callable[[Any], Any] | None = None
    ) -> LinearSolution:
        r"""Solve matvec(x, \*params) = b, differentiable in ``b`` and ``params``.

        Args:
            matvec: linear in its first argument; returns what has the structure of ``b``.
            b: right-hand side, a tensor or a tree of tensors.
            params: what the map depends on and derivatives are wanted for; tensors or trees of them.
            batch_dims: leading axes over which ``matvec`` does not couple, each sample with its own step lengths and stopping. 0 means one system.
            preconditioner: approximation of A⁻¹, with the structure of ``matvec``; changes the path, not the derivative.

        Raises:
            TypeError: if ``matvec`` closes over tensors that need derivatives.
            ConvergenceError: see ``on_failure``.
        """
        who = type(self).__name__
        layout = Layout.of(b, batch_dims=batch_dims, who=who)
        leaves, structure = pytree.tree_flatten(params)
        refuse_captured(matvec, who=who)
        places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]

        def flat(v: Tensor, *tensors: Tensor) -> Tensor:
            filled = list(leaves)
            for place, tensor in zip(places, tensors, strict=True):
                filled[place] = tensor
            return layout.pack(matvec(layout.unpack(v), *pytree.tree_unflatten(filled, structure)))

        tensors = [leaves[i] for i in places]
        refuse_hidden_dependence(flat(layout.pack(b).detach(), *(tensor.detach() for tensor in tensors)), who=who)
        flat_preconditioner = None if preconditioner is None else lambda v: layout.pack(preconditioner(layout.unpack(v)))
        solution = solve_linearised(self, Linear(flat), layout.pack(b), *tensors, preconditioner=flat_preconditioner)
        return replace(solution, x=layout.unpack(solution.x))

    def tolerance(self, dtype: torch.dtype) -> float:
        """Relative residual to reach in this precision."""
        if self.rtol is not None:
            return self.rtol
        return 1e-10 if torch.finfo(dtype).eps < 1e-12 else 1e-5

    def limit(self, size: int) -> int:
        """Largest number of iterations for this number of unknowns per sample."""
        return max(100, 10 * size) if self.max_steps is None else self.max_steps

    def checked(self, operator: Operator, b: Tensor, preconditioner: Product | None) -> LinearSolution:
        """Solve plain vectors, measure the true residual, report a failure."""
        operator = replace(operator, ridge=self.ridge)
        x, steps = self.iterate(operator, b, preconditioner)
        residual = self.measure(operator, b, x)
        tolerance = self.tolerance(b.dtype)
        # The residual that an iteration carries along and the true one part company by rounding, so twice the tolerance still counts.
        converged = residual <= 2 * tolerance
        advice = "raise max_steps or rtol, add a ridge or a preconditioner, or use LU or LeastSquares; the result is not exact"
        report_failure(type(self).__name__, converged, residual, tolerance, advice, self.on_failure)
        return LinearSolution(x, residual, converged, steps)

    def measure(self, operator: Operator, b: Tensor, x: Tensor) -> Tensor:
        """Relative residual ``(*batch,)`` that decides about convergence."""
        norm = torch.linalg.vector_norm(b, dim=-1)
        return torch.linalg.vector_norm(b - operator(x), dim=-1) / torch.where(norm > 0, norm, 1.0)


@dataclass(frozen=True)
class _Problem:
    """The constants of one differentiable solve."""

    solver: LinearSolver
    linearisation: Linearisation
    preconditioner: Product | None = None

    @property
    def adjoint(self) -> _Problem:
        # P approximates A⁻¹; its transposed is not known, and a wrong one would only cost steps, but could also break the symmetry CG relies on.
        return _Problem(self.solver, Transposed(self.linearisation))

    def product(self, x: Tensor, *params: Tensor) -> Tensor:
        return self.linearisation.product(x, *params)


class _Solve(torch.autograd.Function):
    """x = A(p)⁻¹ b with its implicit rule in both modes."""

    @staticmethod
    def forward(problem: _Problem, b: Tensor, *params: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        with torch.autocast(b.device.type, enabled=False):
            solution = problem.solver.checked(problem.linearisation.at(*params), b, problem.preconditioner)
        return solution.x, solution.residual, solution.converged, solution.steps

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        problem, _, *params = inputs
        ctx.problem = problem
        ctx.mark_non_differentiable(*output[1:])
        ctx.save_for_backward(output[0], *params)
        ctx.save_for_forward(output[0], *params)

    @staticmethod
    def backward(ctx: Any, grad: Tensor, *_: Any) -> tuple[Any, ...]:  # type: ignore[override]
        x, *params = ctx.saved_tensors
        multiplier = _Solve.apply(ctx.problem.adjoint, grad, *params)[0]
        places = [i for i, param in enumerate(params) if ctx.needs_input_grad[2 + i] and carries_derivatives(param)]
        slots = pull_params(partial(ctx.problem.product, x), params, places, -multiplier)
        return (None, multiplier, *slots)

    @staticmethod
    def jvp(ctx: Any, _: Any, b_dot: Tensor | None, *params_dot: Tensor | None) -> tuple[Any, ...]:  # type: ignore[override]
        with nested_forward_mode():
            x, *params = primals(ctx.saved_tensors)
            rhs = torch.zeros_like(x) if b_dot is None else b_dot
            change = push_params(partial(ctx.problem.product, x), params, params_dot)
            rhs = rhs if change is None else rhs - change
            return _Solve.apply(replace(ctx.problem, preconditioner=None), rhs, *params)[0], None, None, None

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], problem: _Problem, b: Tensor, *params: Tensor) -> tuple[Any, Any]:
        _, b_dim, *dims = in_dims
        aligned, aligned_dims = problem.linearisation.aligned(params, tuple(dims), info.batch_size)
        b = b.expand(info.batch_size, *b.shape).clone() if b_dim is None else b.movedim(b_dim, 0)
        # The preconditioner is a function of one sample, and may hold what belongs to this batch; the solve does without it.
        return _Solve.apply(_Problem(problem.solver, problem.linearisation.batched(aligned_dims)), b, *aligned), (0, 0, 0, 0)


def solve_linearised(solver: LinearSolver, linearisation: Linearisation, b: Tensor, *params: Tensor, preconditioner: Product | None = None) -> LinearSolution:
    """Solve A(p) x = b for vectors ``(*batch, n)``, differentiable in b and p; the engine below :meth:`LinearSolver.solve` and the root rules."""
    return LinearSolution(*_Solve.apply(_Problem(solver, linearisation, preconditioner), b, *params))
