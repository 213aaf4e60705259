"""From functions of tensors to Taylor coefficients of their values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from neuralpde.derivatives.taylor.jet import Jet
from neuralpde.derivatives.taylor.truncation import Truncation
from neuralpde.derivatives.taylor.unit_tangent import UnitTangent
from neuralpde.derivatives.taylor.weights import EqualWeights, Weights

__all__ = ["collapsed", "directional", "jet", "straight_lines"]

Function = Callable[[Any], Any]
"""A function of one tensor, or a module, that computes with operations of torch."""


def jet(f: Function, x: Tensor, series: Sequence[Tensor | None]) -> tuple[Tensor, ...]:
    r"""Time derivatives of f along a curve:  F_k = dᵏ/dsᵏ f(x + v₁ s + v₂ s²/2! + … + v_K s^K/K!) at s = 0.

    By the formula of Faà di Bruno each F_k is a sum of contractions D^q f[v_{j₁}, …, v_{j_q}] with j₁ + … + j_q = k; F_k = Dᵏf[v₁, …, v₁] on a straight
    line, where only v₁ is given.

    Args:
        f: function or module.
        x: where to expand.
        series: v₁, …, v_K, each of the shape of ``x`` or None for zero (which costs nothing).

    Returns:
        F₀ = f(x), F₁, …, F_K, of the shape of f(x). They can be differentiated again by autograd, compiled and mapped.

    Raises:
        TypeError: f uses an operation without a Taylor rule; the message names it.
        ValueError: a direction of another shape than ``x``, which would be taken for several directions or points.

    Reference: Griewank & Walther, Evaluating Derivatives (2008), chapter 13.
    """
    order = len(series)
    for v in series:
        if v is not None and v.shape != x.shape:
            raise ValueError(f"jet: every direction needs the shape of x, {tuple(x.shape)}, got {tuple(v.shape)}; expand it, or pass None for zero.")
    coefficients = [None if v is None else v.unsqueeze(0) / float(math.factorial(k)) for k, v in enumerate(series, start=1)]
    y = _as_jet(f(Jet([x, *coefficients], Truncation.line(order))), order)
    higher = [torch.zeros_like(y.value) if c is None else (float(math.factorial(k)) * c[0]).expand(y.shape) for k, c in enumerate(y.coefficients[1:], start=1)]
    return (y.value, *higher)


def _as_jet(y: Any, order: int) -> Jet:
    if isinstance(y, Jet):
        return y
    if isinstance(y, Tensor):
        return Jet([y, *[None] * order], Truncation.line(order))
    raise TypeError(f"jet: f needs to return one tensor, got {type(y).__name__}; return the output that is to be differentiated.")


def straight_lines(f: Function, x: Tensor, directions: Tensor | UnitTangent, order: int, weights: Weights | None = None) -> Jet:
    """The jet of f along several straight lines at once.

    Args:
        f: function or module.
        x: where to expand.
        directions: ``(directions, *shape of x)``; axes of size 1 are shared, which saves the work of the first layer.
        order: K.
        weights: ``(sums, directions)``; if given, the coefficient of order K is carried as these sums.

    Raises:
        ValueError: an order below 1, or directions of another shape.
    """
    _check_lines(x, directions, order)
    if order == 1 and weights is not None:
        full = directions.dense() if isinstance(directions, UnitTangent) else directions
        matrix = weights.matrix(full) if isinstance(weights, EqualWeights) else weights
        directions, weights = torch.tensordot(matrix, full, dims=1), None
    return _as_jet(f(Jet([x, directions, *[None] * (order - 1)], Truncation.line(order, weights))), order)


def _check_lines(x: Tensor, directions: Tensor | UnitTangent, order: int) -> None:
    if order < 1:
        raise ValueError(f"straight_lines: needs a derivative of order 1 or more, got order={order}; use f(x) for the value.")
    # An axis too few would not fail but be taken for another one: the points would become directions.
    sizes = tuple(directions.shape[1:])
    if len(sizes) != x.ndim or any(size not in (1, whole) for size, whole in zip(sizes, x.shape, strict=True)):
        raise ValueError(
            f"straight_lines: directions need the shape (directions, *{tuple(x.shape)}), with 1 for shared axes, got {tuple(directions.shape)}; reshape them."
        )


def directional(f: Function, x: Tensor, directions: Tensor | UnitTangent, *, order: int) -> tuple[Tensor, Tensor]:
    """f(x) and the derivatives of one order along straight lines, D^K f(x)[v, …, v] for each direction v.

    Args:
        f: function or module.
        x: points.
        directions: ``(directions, *shape of x)``, axes of size 1 shared.
        order: K ≥ 1.

    Returns:
        The value and ``(directions, *shape of f(x))``.
    """
    y = straight_lines(f, x, directions, order)
    return y.value, _derivative(y, order, directions.shape[0])


def collapsed(f: Function, x: Tensor, directions: Tensor | UnitTangent, *, order: int, weights: Weights) -> tuple[Tensor, Tensor]:
    """f(x) and weighted sums of directional derivatives,  Σᵣ w_{gr} D^K f(x)[v_r, …, v_r].

    The sums are carried through the computation instead of the single derivatives: order 2 costs directions + 2 passes, not 2 directions + 1.

    Args:
        f: function or module.
        x: points.
        directions: ``(directions, *shape of x)``, axes of size 1 shared.
        order: K ≥ 1.
        weights: ``(sums, directions)``, a matrix or :class:`EqualWeights`.

    Returns:
        The value and ``(sums, *shape of f(x))``.
    """
    y = straight_lines(f, x, directions, order, weights)
    return y.value, _derivative(y, order, weights.shape[0])


def _derivative(y: Jet, order: int, rows: int) -> Tensor:
    shape = (rows, *y.shape)
    if y.coefficients[order] is None:
        return y.value.new_zeros(shape)
    return (float(math.factorial(order)) * y.full().coefficients[order]).expand(shape)
