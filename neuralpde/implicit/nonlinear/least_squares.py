"""Non-linear least squares: the local model, and the derivative of its minimiser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor
from torch.utils import _pytree as pytree
from typing_extensions import override

from neuralpde.implicit.calls import Call
from neuralpde.implicit.linear import Cholesky, JacobianOf, Linearisation, MatrixOf, Operator
from neuralpde.implicit.linear.linearisation import point_repeated
from neuralpde.implicit.modes import push
from neuralpde.implicit.nonlinear.base import NonlinearSolver, Problem
from neuralpde.implicit.root import RootRule
from neuralpde.implicit.vectors import Layout

__all__ = ["GaussNewtonHessian", "LeastSquaresSolver", "gradient_of"]


def gradient_of(problem: Problem) -> Callable[..., Tensor]:
    r"""(x, \*θ) ↦ Jᵀr, whose root is the minimiser of ½‖r‖²: ``(*batch, n)`` → ``(*batch, n)``."""

    def gradient(x: Tensor, *theta: Tensor) -> Tensor:
        if problem.jacobian is not None:
            residual = problem.function(x, *theta)
            return (residual.unsqueeze(-2) @ problem.jacobian(x, *theta)).squeeze(-2)
        residual, pull = torch.func.vjp(lambda x: problem.function(x, *theta), x)[:2]
        return pull(residual)[0]

    return gradient


@dataclass(frozen=True)
class GaussNewtonHessian(Linearisation):
    """JᵀJ, the Hessian of ½‖r‖² without its second-order term Σ rᵢ∇²rᵢ; positive semi-definite, and exact only where the residual vanishes."""

    problem: Problem

    def at(self, *params: Tensor) -> Operator:  # noqa: D102
        x, *theta = params

        def residual(x: Tensor) -> Tensor:
            return self.problem.function(x, *theta)

        def product(v: Tensor) -> Tensor:
            return torch.func.vjp(residual, x)[1](push(residual, (x,), (v,)))[0]

        return Operator(product, product)

    def aligned(  # noqa: D102
        self, params: tuple[Tensor, ...], in_dims: tuple[int | None, ...], size: int
    ) -> tuple[tuple[Tensor, ...], tuple[int | None, ...]]:
        return point_repeated(params, in_dims, size)

    def batched(self, in_dims: tuple[int | None, ...]) -> GaussNewtonHessian:  # noqa: D102
        return GaussNewtonHessian(self.problem.batched(in_dims))


@dataclass(frozen=True, kw_only=True)
class LeastSquaresSolver(NonlinearSolver):
    r"""Minimises ½‖r(x, θ)‖² per sample. The solution is differentiated as the root of Jᵀr with the full Hessian JᵀJ + Σ rᵢ∇²rᵢ.

    Args:
        jacobian: closed form, jacobian(x, \*args) → ``(*batch, m, n)``, for an x of shape ``(*batch, n)`` and a residual ``(*batch, m)``. Without it the
            Jacobian is made of n vectorised products in forward mode.
        curvature: closed form of Σ rᵢ∇²rᵢ, curvature(x, \*args) → ``(*batch, n, n)``, beside ``jacobian``. It gives the last steps of a solver quadratic
            convergence and the derivative its matrix without any product.
        hessian: ``"gauss-newton"`` drops the second-order term from the derivative; biased unless the residual vanishes, but always positive semi-definite.
        solve: linear solver of the derivative, Cholesky if None; add its ``ridge`` where the minimiser is not unique.
    """

    jacobian: Callable[..., Tensor] | None = None
    curvature: Callable[..., Tensor] | None = None
    hessian: Literal["full", "gauss-newton"] = "full"

    @override
    def problem(self, function: Callable[..., Any], call: Call, layout: Layout) -> Problem:
        def residual(x: Tensor, *theta: Tensor) -> Tensor:
            args, kwargs = call.fill(theta)
            rows = pytree.tree_leaves(function(layout.unpack(x), *args, **kwargs))
            flat = [leaf.reshape(*x.shape[:-1], -1) for leaf in rows]
            return flat[0] if len(flat) == 1 else torch.cat(flat, -1)

        def of_vectors(closed_form: Callable[..., Tensor] | None) -> Callable[..., Tensor] | None:
            if closed_form is None:
                return None

            def flat(x: Tensor, *theta: Tensor) -> Tensor:
                args, kwargs = call.fill(theta)
                return closed_form(layout.unpack(x), *args, **kwargs)

            return flat

        return Problem(residual, of_vectors(self.jacobian), of_vectors(self.curvature))

    @override
    def rule(self, problem: Problem) -> RootRule:
        gradient = gradient_of(problem)
        if self.hessian == "gauss-newton":
            matrix: Linearisation = GaussNewtonHessian(problem)
        elif problem.curvature is not None:
            matrix = MatrixOf(_hessian_of(problem, problem.curvature))
        else:
            matrix = JacobianOf(gradient)
        return RootRule(gradient, matrix, self.solve or Cholesky())


def _hessian_of(problem: Problem, curvature: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def hessian(x: Tensor, *theta: Tensor) -> Tensor:
        jacobian = problem.jacobian_at(x, theta)
        return jacobian.transpose(-1, -2) @ jacobian + curvature(x, *theta)

    return hessian
