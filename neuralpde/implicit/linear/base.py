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
from neuralpde.implicit.levels import carries_derivatives, nested_forward_mode, primals
from neuralpde.implicit.linear.linearisation import Linear, Linearisation, Repeated, Transposed
from neuralpde.implicit.linear.operator import Factor, Operator, Product
from neuralpde.implicit.linear.preconditioner import Given, Preconditioner
from neuralpde.implicit.modes import pull_params, push_params
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
    failure, and the derivative: with x = A(p)⁻¹ b, reverse mode solves Aᵀλ = x̄ and pulls back −λᵀ A(p) x, forward mode solves A ẋ = ḃ − Ȧ x. Both are
    solves of this class again, hence derivatives of every order. They reuse what :meth:`prepare` made for the first one, and so do right-hand sides that
    ``torch.vmap`` adds to one matrix.

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

    def prepare(self, operator: Operator, b: Tensor) -> tuple[Tensor, ...]:
        """What all solves with this map and its transposed can share: the factors of its matrix; nothing unless a subclass says so."""
        del operator, b
        return ()

    def solve(
        self, matvec: Callable[..., Any], b: Any, *params: Any, batch_dims: int = 0, preconditioner: Callable[[Any], Any] | None = None
    ) -> LinearSolution:
        r"""Solve matvec(x, \*params) = b, differentiable in ``b`` and ``params``.

        Args:
            matvec: linear in its first argument; returns what has the structure of ``b``.
            b: right-hand side, a tensor or a tree of tensors.
            params: what the map depends on and derivatives are wanted for; tensors or trees of them.
            batch_dims: leading axes over which ``matvec`` does not couple, each sample with its own step lengths and stopping. 0 means one system.
            preconditioner: approximation of A⁻¹, with the structure of ``matvec``; changes the path, not the derivative, whose solves do without it.

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
        given = None if preconditioner is None else Given(lambda v: layout.pack(preconditioner(layout.unpack(v))))
        solution = solve_linearised(self, Linear(flat), layout.pack(b), *tensors, preconditioner=given)
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
    """The constants of one differentiable solve.

    Args:
        solver: runs it.
        linearisation: the map as a function of the parameters.
        num_params: how many tensors are parameters; those behind them are the factors of an earlier solve.
        flipped: whether those factors are of Aᵀ.
        preconditioner: approximation of A⁻¹ as a function of the parameters.
    """

    solver: LinearSolver
    linearisation: Linearisation
    num_params: int
    flipped: bool = False
    preconditioner: Preconditioner | None = None

    @property
    def adjoint(self) -> _Problem:
        preconditioner = None if self.preconditioner is None else self.preconditioner.adjoint()
        return _Problem(self.solver, Transposed(self.linearisation), self.num_params, not self.flipped, preconditioner)

    @property
    def tangent(self) -> _Problem:
        return replace(self, preconditioner=None if self.preconditioner is None else self.preconditioner.tangent())

    def precondition(self, tensors: tuple[Tensor, ...]) -> Product | None:
        """The preconditioner at these parameters."""
        return None if self.preconditioner is None else self.preconditioner.at(*tensors[: self.num_params])

    def operator(self, b: Tensor, tensors: tuple[Tensor, ...]) -> tuple[Operator, tuple[Tensor, ...]]:
        """The map with its factors, and those of them that are new."""
        operator = self.linearisation.at(*tensors[: self.num_params])
        if given := tensors[self.num_params :]:
            return replace(operator, factor=Factor(given, self.flipped)), ()
        new = () if self.preconditioner is not None else self.solver.prepare(replace(operator, ridge=self.solver.ridge), b)
        return replace(operator, factor=Factor(new) if new else None), new

    def batched(self, tensors: tuple[Tensor, ...], dims: tuple[int | None, ...], size: int) -> tuple[_Problem, tuple[Tensor, ...]]:
        """The problem with one more batch axis, and its tensors."""
        num = self.num_params
        if all(dim is None for dim in dims):
            return replace(self, linearisation=Repeated(self.linearisation), preconditioner=self._precondition_batched(dims[:num])), tensors
        params, param_dims = self.linearisation.aligned(tensors[:num], dims[:num], size)
        factors = [t.expand(size, *t.shape) if dim is None else t.movedim(dim, 0) for t, dim in zip(tensors[num:], dims[num:], strict=True)]
        return replace(self, linearisation=self.linearisation.batched(param_dims), preconditioner=self._precondition_batched(param_dims)), (*params, *factors)

    def _precondition_batched(self, dims: tuple[int | None, ...]) -> Preconditioner | None:
        return None if self.preconditioner is None else self.preconditioner.batched(dims)

    def product(self, x: Tensor, *params: Tensor) -> Tensor:
        return self.linearisation.product(x, *params)


class _Solve(torch.autograd.Function):
    """x = A(p)⁻¹ b with its implicit rule in both modes; (x, residual, converged, steps, new factors)."""

    @staticmethod
    def forward(problem: _Problem, b: Tensor, *tensors: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        with torch.autocast(b.device.type, enabled=False):
            operator, new = problem.operator(b, tensors)
            solution = problem.solver.checked(operator, b, problem.precondition(tensors))
        return solution.x, solution.residual, solution.converged, solution.steps, *new

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        problem, _, *tensors = inputs
        ctx.problem, ctx.num_inputs, ctx.num_outputs = problem, len(inputs), len(output)
        ctx.mark_non_differentiable(*output[1:])
        saved = (output[0], *tensors, *output[4:])
        ctx.save_for_backward(*saved)
        ctx.save_for_forward(*saved)

    @staticmethod
    def backward(ctx: Any, grad: Tensor, *_: Any) -> tuple[Any, ...]:  # type: ignore[override]
        x, *tensors = ctx.saved_tensors
        problem: _Problem = ctx.problem
        params = tensors[: problem.num_params]
        multiplier = _Solve.apply(problem.adjoint, grad, *tensors)[0]
        places = [i for i, param in enumerate(params) if ctx.needs_input_grad[2 + i] and carries_derivatives(param)]
        slots = pull_params(partial(problem.product, x), params, places, -multiplier)
        return (None, multiplier, *slots, *[None] * (ctx.num_inputs - 2 - len(slots)))

    @staticmethod
    def jvp(ctx: Any, _: Any, b_dot: Tensor | None, *dots: Tensor | None) -> tuple[Any, ...]:  # type: ignore[override]
        problem: _Problem = ctx.problem
        num = problem.num_params
        with nested_forward_mode():
            x, *tensors = primals(ctx.saved_tensors)
            rhs = torch.zeros_like(x) if b_dot is None else b_dot
            change = push_params(partial(problem.product, x), tensors[:num], dots[:num])
            rhs = rhs if change is None else rhs - change
            return _Solve.apply(problem.tangent, rhs, *tensors)[0], *[None] * (ctx.num_outputs - 1)

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], problem: _Problem, b: Tensor, *tensors: Tensor) -> tuple[Any, Any]:
        _, b_dim, *dims = in_dims
        batched, aligned = problem.batched(tensors, tuple(dims), info.batch_size)
        b = b.expand(info.batch_size, *b.shape).clone() if b_dim is None else b.movedim(b_dim, 0)
        output = _Solve.apply(batched, b, *aligned)
        shared = all(dim is None for dim in dims)  # one matrix for the whole axis has one factor
        return output, (0, 0, 0, 0, *[None if shared else 0] * (len(output) - 4))


def solve_linearised(
    solver: LinearSolver, linearisation: Linearisation, b: Tensor, *params: Tensor, preconditioner: Preconditioner | None = None
) -> LinearSolution:
    """Solve A(p) x = b for vectors ``(*batch, n)``, differentiable in b and p; the engine below :meth:`LinearSolver.solve` and the root rules."""
    problem = _Problem(solver, linearisation, len(params), preconditioner=preconditioner)
    return LinearSolution(*_Solve.apply(problem, b, *params)[:4])
