"""Solvers that form the matrix: exact to round-off, for up to some hundred unknowns per sample."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.implicit.linear.base import LinearSolver
from neuralpde.implicit.linear.operator import Factor, Operator, Product

__all__ = ["LU", "Cholesky", "LeastSquares"]


@dataclass(frozen=True, kw_only=True)
class DenseSolver(LinearSolver):
    """Forms A from n vectorised products and factorises it once: for all right-hand sides, for Aᵀ, and for the derivatives of the solution.

    A preconditioner, for example a factor of a nearby matrix, is used first: x ← x + P(b − Ax) costs one product per step, and the matrix is only formed when
    this does not reach the tolerance within ``refinements`` steps.
    """

    refinements: int = 4

    def factorise(self, matrix: Tensor) -> tuple[Tensor, ...]:
        """Factors of matrices ``(*batch, n, n)``; where a matrix has none, the solution is NaN."""
        raise NotImplementedError

    def substitute(self, factors: tuple[Tensor, ...], columns: Tensor, *, flipped: bool) -> Tensor:
        """A⁻¹, or A⁻ᵀ if ``flipped``, times the columns ``(*batch, n, k)``."""
        raise NotImplementedError

    @override
    def prepare(self, operator: Operator, b: Tensor) -> tuple[Tensor, ...]:
        return self.factorise(operator.dense(b))

    @override
    def iterate(self, operator: Operator, b: Tensor, preconditioner: Product | None) -> tuple[Tensor, Tensor]:
        steps = torch.ones(b.shape[:-1], dtype=torch.long, device=b.device)
        if preconditioner is not None:
            x = self.refine(operator, b, preconditioner)
            if bool((self.measure(operator, b, x) <= self.tolerance(b.dtype)).all()):
                return x, steps
        factor = operator.factor or Factor(self.prepare(operator, b))
        return operator.by_columns(b, lambda columns: self.substitute(factor.tensors, columns, flipped=factor.flipped)), steps

    def refine(self, operator: Operator, b: Tensor, approximate: Product) -> Tensor:
        """Richardson steps with an approximate inverse."""
        x = approximate(b)
        for _ in range(self.refinements):
            residual = b - operator(x)
            if bool((torch.linalg.vector_norm(residual, dim=-1) <= self.tolerance(b.dtype) * torch.linalg.vector_norm(b, dim=-1)).all()):
                break
            x = x + approximate(residual)
        return x


@dataclass(frozen=True, kw_only=True)
class LU(DenseSolver):
    """Gaussian elimination with row exchanges; for any A that is not singular, symmetric or not."""

    @override
    def factorise(self, matrix: Tensor) -> tuple[Tensor, ...]:
        return torch.linalg.lu_factor_ex(matrix)[:2]

    @override
    def substitute(self, factors: tuple[Tensor, ...], columns: Tensor, *, flipped: bool) -> Tensor:
        return torch.linalg.lu_solve(*factors, columns, adjoint=flipped)


@dataclass(frozen=True, kw_only=True)
class Cholesky(DenseSolver):
    """A = LLᵀ; half the work of :class:`LU`, for symmetric positive definite A. Only the lower triangle is read.

    Limits: where A is indefinite, as the full Hessian of a least-squares problem can be away from its minimum, the batch falls back to elimination.
    """

    @override
    def factorise(self, matrix: Tensor) -> tuple[Tensor, ...]:
        factor, info = torch.linalg.cholesky_ex(matrix)
        return LU().factorise(matrix) if bool((info > 0).any()) else (factor,)

    @override
    def substitute(self, factors: tuple[Tensor, ...], columns: Tensor, *, flipped: bool) -> Tensor:
        if len(factors) == 1:
            return torch.cholesky_solve(columns, factors[0])
        return LU().substitute(factors, columns, flipped=flipped)


@dataclass(frozen=True, kw_only=True)
class LeastSquares(DenseSolver):
    """x of smallest norm that minimises ‖b − Ax‖, by the singular value decomposition; for square A that may be singular.

    Convergence is judged by ‖Aᵀ(b − Ax)‖ / ‖Aᵀb‖, since b may lie outside the range of A. As a backward solver it gives the minimum-norm choice among the
    derivatives that a singular system leaves open, a heuristic.

    Args:
        cutoff: singular values below this multiple of the largest count as zero.
    """

    cutoff: float = 1e-12

    @override
    def factorise(self, matrix: Tensor) -> tuple[Tensor, ...]:
        return (torch.linalg.pinv(matrix, rtol=self.cutoff),)

    @override
    def substitute(self, factors: tuple[Tensor, ...], columns: Tensor, *, flipped: bool) -> Tensor:
        (inverse,) = factors
        return (inverse.mH if flipped else inverse) @ columns

    @override
    def measure(self, operator: Operator, b: Tensor, x: Tensor) -> Tensor:
        transposed = operator.transposed
        scale = torch.linalg.vector_norm(transposed(b), dim=-1)
        return torch.linalg.vector_norm(transposed(b - operator(x)), dim=-1) / torch.where(scale > 0, scale, 1.0)
