"""Elliptic problems in a box with solutions that oscillate or peak."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from typing_extensions import override

from neuralpde.derivatives.base import Derivatives
from neuralpde.equations import Equation
from neuralpde.problems.base import BoundaryValue, Problem
from neuralpde.problems.domains import Box
from neuralpde.problems.envelopes import BoxEnvelope

__all__ = ["BoxProblem", "ExactSolution", "Peaks", "SineProduct"]


class ExactSolution(nn.Module, ABC):
    """A function with its Laplacian in closed form."""

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """u*, ``(points, coordinates)`` → ``(points,)``."""

    @abstractmethod
    def laplacian(self, x: Tensor) -> Tensor:
        """Δu*, ``(points,)``."""


class SineProduct(ExactSolution):
    r"""u* = Σₘ aₘ Πᵢ sin(kₘᵢ π xᵢ), zero at integer coordinates: several scales at once.

    Args:
        modes: kₘᵢ, one row per term.
        amplitudes: aₘ; all 1 by default.
    """

    modes: Tensor
    amplitudes: Tensor

    def __init__(self, modes: Sequence[Sequence[float]], amplitudes: Sequence[float] | None = None) -> None:
        super().__init__()
        self.register_buffer("modes", math.pi * torch.tensor(modes, dtype=torch.float64))
        self.register_buffer("amplitudes", torch.tensor(amplitudes or [1.0] * len(modes), dtype=torch.float64))

    @override
    def forward(self, x: Tensor) -> Tensor:
        return self._terms(x) @ self.amplitudes.to(x)

    @override
    def laplacian(self, x: Tensor) -> Tensor:
        return -self._terms(x) @ (self.amplitudes * self.modes.square().sum(-1)).to(x)

    def _terms(self, x: Tensor) -> Tensor:
        return torch.sin(x.unsqueeze(1) * self.modes.to(x)).prod(-1)


class Peaks(ExactSolution):
    r"""u* = Σₘ exp(−s |x − pₘ|²): narrow peaks that uniform points rarely meet.

    Args:
        centres: pₘ, one row per peak.
        sharpness: s; the width is about 1/√s.

    Reference: Tang, Wan & Yang, DAS-PINNs: a deep adaptive sampling method for solving high-dimensional partial differential equations, 2023.
    """

    centres: Tensor

    def __init__(self, centres: Sequence[Sequence[float]], sharpness: float = 1000.0) -> None:
        super().__init__()
        self.sharpness = sharpness
        self.register_buffer("centres", torch.tensor(centres, dtype=torch.float64))

    @override
    def forward(self, x: Tensor) -> Tensor:
        return torch.exp(-self.sharpness * self._distances(x)).sum(-1)

    @override
    def laplacian(self, x: Tensor) -> Tensor:
        square, s = self._distances(x), self.sharpness
        return ((4 * s * s * square - 2 * s * x.shape[1]) * torch.exp(-s * square)).sum(-1)

    def _distances(self, x: Tensor) -> Tensor:
        return (x.unsqueeze(1) - self.centres.to(x)).square().sum(-1)


class BoxProblem(Problem):
    r"""L u = g in a box, u = u* on its faces, where L acts on value and Laplacian only.

    Args:
        equation: the operator, steady, such as Poisson or Helmholtz.
        solution: u*; the source follows from it.
        lower: lower corner.
        upper: upper corner.
        constrained: multiply the network by a function that vanishes on the faces; only for solutions that vanish there too. Otherwise the boundary
            values are a term of the loss.

    Raises:
        ValueError: ``constrained`` with a solution that does not vanish on the faces.
    """

    def __init__(
        self,
        equation: Equation,
        solution: ExactSolution,
        *,
        lower: Sequence[float],
        upper: Sequence[float],
        constrained: bool = True,
    ) -> None:
        super().__init__()
        self.equation, self.solution = equation, solution
        self.domain = Box(lower, upper)
        if constrained:
            self._check_faces()
            self.envelope = BoxEnvelope(lower, upper)
        else:
            self.conditions = (BoundaryValue(self.domain, self.solution),)

    def _check_faces(self) -> None:
        faces = self.domain.sample_boundary(256, torch.Generator().manual_seed(0), torch.float64)
        largest = self.solution(faces).abs().max().item()
        if largest > 1e-4:
            raise ValueError(f"BoxProblem: constrained needs a solution that is zero on the faces, got values up to {largest:.2g}; set constrained=False.")

    @override
    def exact(self, x: Tensor) -> Tensor:
        return self.solution(x)

    @override
    def factor(self, baseline: Tensor, exact: Tensor) -> float:
        """Zero, the answer in most of the box."""
        del baseline, exact
        return 0.0

    @override
    def source(self, x: Tensor) -> Tensor:
        field = _Known(self.solution.laplacian(x))
        return self.equation.rhs(self.solution(x), field)


class _Known(Derivatives):
    """Provider of an exact solution: the equation itself turns value and Laplacian into the source."""

    space_axes = 1

    def __init__(self, laplacian: Tensor) -> None:
        self._laplacian = laplacian

    @override
    def dx(self, u: Tensor, axis: int = 0, order: int = 1) -> Tensor:
        raise TypeError(f"BoxProblem: needs an equation of value and Laplacian, got a request for ∂^{order} along axis {axis}; write a problem of its own.")

    @override
    def laplacian(self, u: Tensor) -> Tensor:
        return self._laplacian
