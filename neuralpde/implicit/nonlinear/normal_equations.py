"""The local model of a least-squares problem, and its damped step: with a matrix or without."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.implicit.linear import CG, LinearSolver, Operator
from neuralpde.implicit.modes import push
from neuralpde.implicit.nonlinear.base import Problem

__all__ = ["Dense", "Local", "MatrixFree", "NormalEquations"]


@dataclass(frozen=True)
class Local:
    """A least-squares problem around one point of each sample.

    Args:
        x: the point, ``(*batch, n)``.
        cost: ½‖r‖², ``(*batch,)``.
        gradient: Jᵀr, ``(*batch, n)``.
        largest: largest diagonal entry of JᵀJ, or an estimate, ``(*batch,)``.
        scale: norm of J, or an estimate, ``(*batch,)``.
        normal: JᵀJ, ``(*batch, n, n)``, if it was formed.
    """

    x: Tensor
    cost: Tensor
    gradient: Tensor
    largest: Tensor
    scale: Tensor
    normal: Tensor | None = None

    def where(self, chosen: Tensor, other: Local) -> Local:
        """The present model for the chosen samples, the other one for the rest."""
        column = chosen.unsqueeze(-1)
        normal = None if self.normal is None or other.normal is None else torch.where(column.unsqueeze(-1), self.normal, other.normal)
        return Local(
            torch.where(column, self.x, other.x),
            torch.where(chosen, self.cost, other.cost),
            torch.where(column, self.gradient, other.gradient),
            torch.where(chosen, self.largest, other.largest),
            torch.where(chosen, self.scale, other.scale),
            normal,
        )


class NormalEquations(ABC):
    """How (JᵀJ + μI) Δx = −Jᵀr is built and solved for every sample."""

    @abstractmethod
    def at(self, problem: Problem, x: Tensor, theta: tuple[Tensor, ...], close: Tensor | None = None) -> Local:
        """The model around x; samples that are ``close`` to their solution get the full Hessian if its closed form is known."""

    @abstractmethod
    def step(self, problem: Problem, here: Local, damping: Tensor, theta: tuple[Tensor, ...]) -> Tensor:
        """Δx, ``(*batch, n)``, for damping μ ``(*batch,)``."""


@dataclass(frozen=True)
class Dense(NormalEquations):
    """JᵀJ and its Cholesky factor; the condition number of J is squared. For up to some hundred unknowns."""

    @override
    def at(self, problem: Problem, x: Tensor, theta: tuple[Tensor, ...], close: Tensor | None = None) -> Local:
        residual, jacobian = problem.function(x, *theta), problem.jacobian_at(x, theta)
        transposed = jacobian.transpose(-1, -2)
        normal = transposed @ jacobian
        diagonal = normal.diagonal(dim1=-2, dim2=-1)
        gradient = (transposed @ residual.unsqueeze(-1)).squeeze(-1)
        cost = 0.5 * residual.square().sum(-1)
        if problem.curvature is not None and close is not None and bool(close.any()):
            normal = torch.where(close[..., None, None], normal + problem.curvature(x, *theta), normal)
        return Local(x, cost, gradient, diagonal.amax(-1), diagonal.sum(-1).sqrt(), normal)

    @override
    def step(self, problem: Problem, here: Local, damping: Tensor, theta: tuple[Tensor, ...]) -> Tensor:
        del problem, theta
        if here.normal is None:
            raise ValueError("Dense: expected a model with JᵀJ, got one without; build it with Dense.at.")
        matrix = here.normal.clone()
        matrix.diagonal(dim1=-2, dim2=-1).add_(damping.unsqueeze(-1))
        # A matrix that is not positive definite gives NaN, hence a rejected step and more damping.
        factor, info = torch.linalg.cholesky_ex(matrix)
        step = torch.cholesky_solve(here.gradient.unsqueeze(-1), factor).squeeze(-1)
        return torch.where((info > 0).unsqueeze(-1), torch.nan, -step)


@dataclass(frozen=True)
class MatrixFree(NormalEquations):
    """Products with J and Jᵀ only, inside conjugate gradients; memory grows with the number of rows, not with rows times unknowns.

    Args:
        solver: for the symmetric positive definite system of a step; it need not be accurate far from the minimum.
    """

    solver: LinearSolver = field(default_factory=lambda: CG(rtol=1e-6, on_failure="ignore"))

    @override
    def at(self, problem: Problem, x: Tensor, theta: tuple[Tensor, ...], close: Tensor | None = None) -> Local:
        del close
        residual, pull = torch.func.vjp(lambda x: problem.function(x, *theta), x)[:2]
        (gradient,) = pull(residual)
        # ‖Jᵀr‖² / ‖r‖² is a lower bound of the largest eigenvalue of JᵀJ and all that is known without more products.
        norm = torch.linalg.vector_norm(push(lambda x: problem.function(x, *theta), (x,), (gradient,)), dim=-1)
        size = torch.linalg.vector_norm(gradient, dim=-1)
        scale = norm / torch.where(size > 0, size, 1.0)
        return Local(x, 0.5 * residual.square().sum(-1), gradient, scale.square(), scale)

    @override
    def step(self, problem: Problem, here: Local, damping: Tensor, theta: tuple[Tensor, ...]) -> Tensor:
        def residual(x: Tensor) -> Tensor:
            return problem.function(x, *theta)

        pull = torch.func.vjp(residual, here.x)[1]

        def product(v: Tensor) -> Tensor:
            return pull(push(residual, (here.x,), (v,)))[0] + damping.unsqueeze(-1) * v

        return -self.solver.checked(Operator(product, product), here.gradient, None).x
