"""Approximate inverses, which change the path of a solve and not its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from neuralpde.implicit.linear.operator import Product

__all__ = ["Dependent", "Given", "Preconditioner"]


class Preconditioner(Protocol):
    """P(p) ≈ A(p)⁻¹ for one solve, and what is left of it in the solves that its derivatives and batches need."""

    def at(self, *params: Tensor) -> Product:
        """The product v ↦ Pv at these parameters of A."""
        ...

    def adjoint(self) -> Preconditioner | None:
        """For Aᵀ; None where it is not known."""
        ...

    def tangent(self) -> Preconditioner | None:
        """For A again, in a solve inside a derivative; None where it may have lost its meaning there."""
        ...

    def batched(self, in_dims: tuple[int | None, ...]) -> Preconditioner | None:
        """For one more leading batch axis; ``in_dims`` says which parameters carry it. None where it is not known."""
        ...


@dataclass(frozen=True)
class Given:
    """A product that is known and no more. It may close over anything, so that derivatives and batches do without it.

    Args:
        product: v ↦ Pv.
    """

    product: Product

    def at(self, *params: Tensor) -> Product:
        """See :class:`Preconditioner`."""
        del params
        return self.product

    def adjoint(self) -> None:
        """A transposed that is wrong would cost steps, and could break the symmetry that CG relies on."""

    def tangent(self) -> None:
        """Tensors that it closes over may belong to a transform that has ended."""

    def batched(self, in_dims: tuple[int | None, ...]) -> None:
        """It is a function of one sample."""


@dataclass(frozen=True)
class Dependent:
    r"""A product made of the parameters of A: transposed by reverse mode, and vectorised with them.

    Args:
        build: (\*params) → (v ↦ Pv), pure, of differentiable operations in v.
        flipped: whether Pᵀ is meant.
    """

    build: Callable[..., Product]
    flipped: bool = False

    def at(self, *params: Tensor) -> Product:
        """See :class:`Preconditioner`."""
        product = self.build(*params)
        if not self.flipped:
            return product
        return lambda u: torch.func.vjp(product, torch.zeros_like(u))[1](u)[0]

    def adjoint(self) -> Dependent:
        """See :class:`Preconditioner`."""
        return replace(self, flipped=not self.flipped)

    def tangent(self) -> Dependent:
        """See :class:`Preconditioner`."""
        return self

    def batched(self, in_dims: tuple[int | None, ...]) -> Dependent:
        """See :class:`Preconditioner`. Where parameters carry the axis, the product is made again each time it is taken."""
        if all(dim is None for dim in in_dims):
            return replace(self, build=lambda *params: torch.vmap(self.build(*params)))
        every = torch.vmap(lambda v, *params: self.build(*params)(v), in_dims=(0, *in_dims))
        return replace(self, build=lambda *params: lambda v: every(v, *params))
