"""Differential operators of functions and networks, exact or estimated along random directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from neuralpde.derivatives.directions import DirectionLaw, Directions, EveryDirection, unit_directions
from neuralpde.derivatives.sparse_operator import SparseOperator
from neuralpde.derivatives.taylor import collapsed, directional

__all__ = ["biharmonic", "contract", "differential_operator", "diffusion", "gradient", "laplacian", "pure_derivatives", "second_order"]

Function = Callable[[Any], Any]


def contract(f: Function, x: Tensor, directions: Directions | tuple[Directions, ...]) -> tuple[Tensor, Tensor]:
    r"""Value and every draw of an operator,  Σᵣ w_{gr} Dᴷf(x)[v_r, …, v_r].

    Args:
        f: function or module, point by point.
        x: points.
        directions: drawn for one operator by a :class:`DirectionLaw`, as in ``SparseDirections(16, generator, draws=2).laplacian(x)``; several sets, of
            different orders, add up, and take one pass each.

    Shape: ``x`` ``(points, ndim)`` → value ``(points, channels)`` and operator ``(draws, points, channels)``.
    """
    first, *others = (directions,) if isinstance(directions, Directions) else directions
    value, draws = collapsed(f, x, first.tangents, order=first.order, weights=first.weights)
    for other in others:
        draws = draws + collapsed(f, x, other.tangents, order=other.order, weights=other.weights)[1]
    return value, draws


def _mean_of_draws(f: Function, x: Tensor, directions: Directions | tuple[Directions, ...]) -> tuple[Tensor, Tensor]:
    value, draws = contract(f, x, directions)
    return value, draws.mean(0)


def gradient(f: Function, x: Tensor) -> tuple[Tensor, Tensor]:
    """Value and gradient by forward mode, ∇f.

    Costs one pass per coordinate, so for one output channel and many coordinates reverse mode is cheaper.

    Args:
        f: function or module, point by point.
        x: points.

    Shape: ``(points, ndim)`` → ``(points, channels)`` and ``(points, channels, ndim)``.
    """
    value, derivatives = directional(f, x, unit_directions(x, torch.arange(x.shape[-1], device=x.device)), order=1)
    return value, derivatives.movedim(0, -1)


def laplacian(f: Function, x: Tensor, directions: DirectionLaw | Directions | None = None) -> tuple[Tensor, Tensor]:
    r"""Value and Laplacian in one pass, Δf = Σᵢ ∂²f/∂xᵢ².

    Exact by default, at about ndim + 2 forward passes; with V random directions V + 2. All points share the directions, and each call draws new ones.

    Args:
        f: function or module, point by point: an output row depends on its own row of ``x`` only.
        x: points.
        directions: law of the directions, or directions drawn before; all coordinates if left out.

    Shape: ``(points, ndim)`` → ``(points, channels)`` twice.

    Raises:
        TypeError: f uses an operation without a Taylor rule; the message names it.

    Example:
        >>> law = SparseDirections(16, torch.Generator().manual_seed(0))
        >>> u, lap = laplacian(network, points, law)
        >>> (lap + torch.sin(u) - g).square().mean().backward()
    """
    law = directions or EveryDirection()
    return _mean_of_draws(f, x, law if isinstance(law, Directions) else law.laplacian(x))


def biharmonic(f: Function, x: Tensor, directions: DirectionLaw | Directions | None = None) -> tuple[Tensor, Tensor]:
    r"""Value and biharmonic, Δ²f = Σᵢⱼ ∂⁴f/∂xᵢ²∂xⱼ².

    Args:
        f: function or module, point by point.
        x: points.
        directions: as for :func:`laplacian`; exact takes ndim² directions. A dense estimate needs ``GaussianDirections``.

    Shape: ``(points, ndim)`` → ``(points, channels)`` twice.
    """
    law = directions or EveryDirection()
    return _mean_of_draws(f, x, law if isinstance(law, Directions) else law.biharmonic(x))


def pure_derivatives(f: Function, x: Tensor, order: int, directions: DirectionLaw | Directions | None = None) -> tuple[Tensor, Tensor]:
    r"""Value and the sum of pure derivatives, Σᵢ ∂ᵏf/∂xᵢᵏ.

    Args:
        f: function or module, point by point.
        x: points.
        order: k ≥ 1.
        directions: as for :func:`laplacian`; dense laws exist for order 2 only.

    Shape: ``(points, ndim)`` → ``(points, channels)`` twice.
    """
    law = directions or EveryDirection()
    return _mean_of_draws(f, x, law if isinstance(law, Directions) else law.pure(x, order))


def diffusion(f: Function, x: Tensor, sigma: Tensor, directions: DirectionLaw | Directions | None = None) -> tuple[Tensor, Tensor]:
    r"""Value and second order part of a generator, ½ tr(σ σᵀ ∇²f).

    Args:
        f: function or module, point by point.
        x: points.
        sigma: σ, the same everywhere or one per point.
        directions: as for :func:`laplacian`, in the space of the columns of σ.

    Shape: ``x`` ``(points, ndim)``, ``sigma`` ``(ndim, columns)`` or ``(points, ndim, columns)`` → ``(points, channels)`` twice.

    Raises:
        ValueError: a σ without one row per coordinate.
    """
    if sigma.ndim not in (2, x.ndim + 1) or sigma.shape[-2] != x.shape[-1]:
        raise ValueError(f"diffusion: sigma needs one row per coordinate, ({x.shape[-1]}, columns), got {tuple(sigma.shape)}; transpose or complete it.")
    law = directions or EveryDirection()
    drawn = law if isinstance(law, Directions) else law.quadratic(x, sigma * 0.5**0.5, sigma.new_ones(sigma.shape[-1]))
    return _mean_of_draws(f, x, drawn)


def second_order(f: Function, x: Tensor, matrix: Tensor, directions: DirectionLaw | Directions | None = None) -> tuple[Tensor, Tensor]:
    r"""Value and general second order operator, tr(C ∇²f) = Σᵢⱼ C_ij ∂²f/∂xᵢ∂xⱼ, with any C.

    The symmetric part is diagonalised, and its positive and negative parts are treated apart, so C may be indefinite. Sampled by a sparse law,
    eigenvectors are drawn.

    Args:
        f: function or module, point by point.
        x: points.
        matrix: C; its antisymmetric part does not matter.
        directions: as for :func:`laplacian`.

    Shape: ``x`` ``(points, ndim)``, ``matrix`` ``(ndim, ndim)`` → ``(points, channels)`` twice.

    Raises:
        ValueError: a matrix of another shape.
    """
    if matrix.shape != (x.shape[-1], x.shape[-1]):
        raise ValueError(f"second_order: needs a matrix with one row and column per coordinate, {x.shape[-1]}, got {tuple(matrix.shape)}; correct the matrix.")
    law = directions or EveryDirection()
    return _mean_of_draws(f, x, law if isinstance(law, Directions) else law.quadratic(x, *_factorised(matrix)))


def differential_operator(
    f: Function, x: Tensor, operator: SparseOperator | Mapping[tuple[int, ...], float], directions: DirectionLaw | None = None
) -> tuple[Tensor, Tensor]:
    r"""Value and any linear operator with constant coefficients, Σ_I c_I ∂_{i₁} … ∂_{i_k} f, exact or estimated from V of its terms.

    Each order takes one pass along all of its straight lines: about Π (αᵢ + 1)/2 for a term ∂^α, fewer where terms share them.

    Args:
        f: function or module, point by point.
        x: points.
        operator: the terms by their coordinates, ``{(0, 0, 1): 2.0, (2, 2): -1.0}`` for 2 ∂₀²∂₁f − ∂₂²f; a :class:`SparseOperator` prepares them once.
        directions: :class:`~neuralpde.derivatives.SparseDirections` draws terms, in proportion to |c_I|; all terms if left out. Dense laws refuse.

    Shape: ``(points, ndim)`` → ``(points, channels)`` twice.

    Raises:
        ValueError: terms without coordinates, or with more than ``x`` has.

    Reference: Shi, Hu, Lin & Kawaguchi, Stochastic Taylor derivative estimator (2024), section 4.3.

    Example:
        >>> waves = SparseOperator({(2,): 1.0, (0, 0, 0): 1.0, (0, 1): 0.5})
        >>> u, exact = differential_operator(network, points, waves)
        >>> u, estimate = differential_operator(network, points, waves, SparseDirections(2, generator))
    """
    prepared = operator if isinstance(operator, SparseOperator) else SparseOperator(operator)
    return _mean_of_draws(f, x, (directions or EveryDirection()).terms(x, prepared))


def _factorised(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """F and signs s with F diag(s) Fᵀ equal to the symmetric part."""
    values, vectors = torch.linalg.eigh(0.5 * (matrix + matrix.T))
    return vectors * values.abs().sqrt(), torch.sign(values)
