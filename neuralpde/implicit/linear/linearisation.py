"""Linear maps as pure functions of their parameters, which is what makes a solve differentiable."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from neuralpde.implicit.linear.operator import Operator
from neuralpde.implicit.modes import push

__all__ = ["JacobianOf", "Linear", "Linearisation", "MatrixOf", "Repeated", "Transposed", "point_repeated"]

Params = tuple[Tensor, ...]
Dims = tuple[int | None, ...]


class Linearisation(ABC):
    """A(p): parameters → :class:`Operator`.

    Pure: everything the map depends on is among the parameters, so that derivatives with respect to them, and batches of them, are complete.
    """

    @abstractmethod
    def at(self, *params: Tensor) -> Operator:
        """The map at these parameters."""

    @abstractmethod
    def batched(self, in_dims: Dims) -> Linearisation:
        """The map with one more leading batch axis; ``in_dims`` says which parameters carry it, and where."""

    def aligned(self, params: Params, in_dims: Dims, size: int) -> tuple[Params, Dims]:
        """Parameters and their batch axes, in the form :meth:`batched` needs; by default as they are."""
        del size
        return params, in_dims

    def product(self, v: Tensor, *params: Tensor) -> Tensor:
        """A(p) v, a function to be differentiated with respect to p."""
        return self.at(*params).apply(v)


def point_repeated(params: Params, in_dims: Dims, size: int) -> tuple[Params, Dims]:
    """Alignment for a map that depends on the point x, its first parameter: x is repeated if it has no batch axis, since x and the vectors share theirs."""
    if in_dims[0] is not None:
        return params, in_dims
    return (params[0].expand(size, *params[0].shape).clone(), *params[1:]), (0, *in_dims[1:])


@dataclass(frozen=True)
class Linear(Linearisation):
    """A function ``matvec(v, *params)`` that is linear in v."""

    matvec: Callable[..., Tensor]

    def at(self, *params: Tensor) -> Operator:  # noqa: D102
        def transposed(u: Tensor) -> Tensor:
            return torch.func.vjp(lambda v: self.matvec(v, *params), torch.zeros_like(u))[1](u)[0]

        return Operator(lambda v: self.matvec(v, *params), transposed)

    def batched(self, in_dims: Dims) -> Linear:  # noqa: D102
        return Linear(torch.vmap(self.matvec, in_dims=(0, *in_dims)))


@dataclass(frozen=True)
class JacobianOf(Linearisation):
    """∂F/∂x of a function F(x, *θ) at x, both being parameters. Forward mode gives Av, reverse mode Aᵀu; nothing is materialised."""

    function: Callable[..., Tensor]

    def at(self, *params: Tensor) -> Operator:  # noqa: D102
        x, *theta = params

        def of_x(x: Tensor) -> Tensor:
            return self.function(x, *theta)

        @functools.cache  # F is evaluated once for all products of one solve
        def pull_back() -> Callable[[Tensor], tuple[Tensor]]:
            return torch.func.vjp(of_x, x)[1]

        return Operator(lambda v: push(of_x, (x,), (v,)), lambda u: pull_back()(u)[0], prepare=pull_back)

    def aligned(self, params: Params, in_dims: Dims, size: int) -> tuple[Params, Dims]:  # noqa: D102
        return point_repeated(params, in_dims, size)

    def batched(self, in_dims: Dims) -> JacobianOf:  # noqa: D102
        return JacobianOf(torch.vmap(self.function, in_dims=in_dims))


@dataclass(frozen=True)
class MatrixOf(Linearisation):
    r"""∂F/∂x in closed form: matrix(x, \*θ) → ``(*batch, n, n)``."""

    matrix: Callable[..., Tensor]

    def at(self, *params: Tensor) -> Operator:  # noqa: D102
        matrix = self.matrix(*params)
        transposed = matrix.transpose(-1, -2)
        return Operator(lambda v: (matrix @ v.unsqueeze(-1)).squeeze(-1), lambda u: (transposed @ u.unsqueeze(-1)).squeeze(-1), matrix=matrix)

    def aligned(self, params: Params, in_dims: Dims, size: int) -> tuple[Params, Dims]:  # noqa: D102
        return point_repeated(params, in_dims, size)

    def batched(self, in_dims: Dims) -> MatrixOf:  # noqa: D102
        return MatrixOf(torch.vmap(self.matrix, in_dims=in_dims))


@dataclass(frozen=True)
class Transposed(Linearisation):
    """Aᵀ of another linearisation."""

    original: Linearisation

    def at(self, *params: Tensor) -> Operator:  # noqa: D102
        return self.original.at(*params).transposed

    def aligned(self, params: Params, in_dims: Dims, size: int) -> tuple[Params, Dims]:  # noqa: D102
        return self.original.aligned(params, in_dims, size)

    def batched(self, in_dims: Dims) -> Transposed:  # noqa: D102
        return Transposed(self.original.batched(in_dims))


@dataclass(frozen=True)
class Repeated(Linearisation):
    """The same map for several vectors per sample, which lie along an axis that the parameters lack: one matrix, one factorisation.

    Args:
        original: the map for one vector.
        axis: where the vectors lie.
    """

    original: Linearisation
    axis: int = 0

    def at(self, *params: Tensor) -> Operator:  # noqa: D102
        return self.original.at(*params).repeated(self.axis)

    def aligned(self, params: Params, in_dims: Dims, size: int) -> tuple[Params, Dims]:  # noqa: D102
        return self.original.aligned(params, in_dims, size)

    def batched(self, in_dims: Dims) -> Repeated:  # noqa: D102
        return Repeated(self.original.batched(in_dims), self.axis + 1)
