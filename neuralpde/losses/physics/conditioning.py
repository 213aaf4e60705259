"""How well conditioned the training of a physics-informed loss is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from typing_extensions import Self

from neuralpde.losses.physics.differentiation import Differentiation
from neuralpde.problems import Problem

__all__ = ["Spectrum", "best_weight", "condition_number", "gram", "jacobian", "loss_jacobian", "loss_spectrum", "rescaled"]


@dataclass(frozen=True)
class Spectrum:
    r"""Eigenvalues of the Gram matrix  A = Jᵀ J / n,  J the Jacobian of the residuals with respect to the parameters, in falling order.

    Linearised gradient descent θ ← θ − η A (θ − θ*) reduces the part of the error along an eigenvector by 1 − ηλ per step, so it takes about λ₁/λ_k steps
    until the first k parts are gone. A is the square of the differential operator seen through the network: for an operator of order m its condition
    number grows like k^{2m} with the wavenumber k.

    Args:
        eigenvalues: λ₁ ≥ λ₂ ≥ …, ``(min(residuals, parameters),)``.

    Reference: De Ryck, Bonnet, Mishra & de Bézenac, An operator preconditioning perspective on training in physics-informed machine learning, 2024.
    """

    eigenvalues: Tensor

    @classmethod
    def of(cls, rows: Tensor) -> Self:
        """Spectrum of JᵀJ.

        Args:
            rows: J, ``(residuals, parameters)``, divided by the root of n already.
        """
        return cls(torch.linalg.svdvals(rows).square())

    @classmethod
    def of_rescaled(cls, rows: Tensor) -> Self:
        """Spectrum of P JᵀJ P with the diagonal P that puts ones on the diagonal, as :func:`rescaled` does: what Adam's scaling can reach at best.

        Args:
            rows: J, ``(residuals, parameters)``; columns of zeros, of parameters without influence, stay zero.
        """
        return cls.of(rows / rows.norm(dim=0).clamp(min=torch.finfo(rows.dtype).tiny))

    def condition(self, leading: int) -> float:
        """λ₁/λ_k, the condition number within the ``leading`` k directions; infinite if there are fewer."""
        if leading > len(self.eigenvalues) or self.eigenvalues[leading - 1] <= 0:
            return math.inf
        return float(self.eigenvalues[0] / self.eigenvalues[leading - 1])


def jacobian(residual: Tensor, parameters: Sequence[nn.Parameter]) -> Tensor:
    """∂r_i/∂θ by one backward pass per residual, ``(residuals, all parameters)``.

    Args:
        residual: on the tape, any shape.
        parameters: θ.
    """
    rows = []
    for value in residual.reshape(-1):
        found = torch.autograd.grad(value, parameters, retain_graph=True, materialize_grads=True, allow_unused=True)
        rows.append(torch.cat([gradient.reshape(-1) for gradient in found]))
    return torch.stack(rows)


def gram(inside: Tensor, boundary: Tensor | None = None, weight: float = 1.0) -> Tensor:
    """A = JᵢᵀJᵢ/nᵢ + λ J_bᵀJ_b/n_b, ``(parameters, parameters)``.

    Args:
        inside: Jacobian of the residuals in the domain.
        boundary: Jacobian of the misfits on the boundary.
        weight: λ.
    """
    matrix = inside.T @ inside / len(inside)
    return matrix if boundary is None else matrix + weight * boundary.T @ boundary / len(boundary)


def condition_number(matrix: Tensor) -> float:
    """Largest over smallest eigenvalue of a symmetric positive matrix."""
    values = torch.linalg.eigvalsh(matrix)
    return float(values[-1] / values[0]) if values[0] > 0 else math.inf


def rescaled(matrix: Tensor, scale: Tensor | None = None) -> Tensor:
    """P A P for parameters θ = P θ̂ with a diagonal P.

    Args:
        matrix: A.
        scale: diagonal of P; 1/√A_ii if left out, the best up to a factor of at most the size of A (van der Sluis, 1969).
    """
    scale = matrix.diagonal().clamp(min=torch.finfo(matrix.dtype).tiny).rsqrt() if scale is None else scale
    return scale[:, None] * matrix * scale


def best_weight(number: Callable[[float], float], low: float = 1e-6, high: float = 1e6, iterations: int = 60) -> float:
    """The weight of the boundary term with the smallest condition number, by golden section in its logarithm.

    Args:
        number: condition number as a function of the weight, with a single minimum.
        low: smallest weight.
        high: largest weight.
        iterations: each shrinks the interval by 0.62.
    """
    a, b, ratio = math.log(low), math.log(high), (math.sqrt(5) - 1) / 2
    for _ in range(iterations):
        left, right = b - ratio * (b - a), a + ratio * (b - a)
        if number(math.exp(left)) < number(math.exp(right)):
            b = right
        else:
            a = left
    return math.exp((a + b) / 2)


def loss_jacobian(
    problem: Problem, network: nn.Module, differentiation: Differentiation, *, num_points: int = 128, weight: float = 1.0, seed: int = 0
) -> Tensor:
    """J with A = JᵀJ for the loss of a network at its present weights: rows of residuals and conditions, each over the root of their number.

    Args:
        problem: what is solved.
        network: the network, best in float64: in float32 eigenvalues of A below about 1e-12 of the largest are noise.
        differentiation: how the residual is differentiated; exact, or J is that of one draw.
        num_points: points inside, and on every condition; one backward pass each.
        weight: λ of all conditions; the residual has weight 1.
        seed: of the points.

    Shape: ``(residuals and misfits, parameters)``.
    """
    generator = torch.Generator().manual_seed(seed)
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    like = parameters[0]
    x = problem.domain.sample(num_points, generator, like.dtype).to(like.device)
    blocks = [jacobian(differentiation.residual(problem, network, x, generator), parameters)]
    for condition in problem.conditions:
        misfit = condition.misfit(network, condition.sample(num_points, generator, like.dtype).to(like.device))
        blocks.append(weight**0.5 * jacobian(misfit, parameters))
    return torch.cat(blocks) / num_points**0.5


def loss_spectrum(
    problem: Problem, network: nn.Module, differentiation: Differentiation, *, num_points: int = 128, weight: float = 1.0, seed: int = 0
) -> Spectrum:
    """Spectrum of a network at its present weights, residual and conditions together; arguments as for :func:`loss_jacobian`."""
    return Spectrum.of(loss_jacobian(problem, network, differentiation, num_points=num_points, weight=weight, seed=seed))
