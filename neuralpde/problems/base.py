"""What physics-informed training needs to know of a boundary value problem."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from typing_extensions import override

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.equations import Equation
from neuralpde.problems.domains import Domain
from neuralpde.problems.embeddings import Embedding
from neuralpde.problems.envelopes import Envelope

__all__ = ["BoundaryValue", "Condition", "Problem", "Solution"]

Solution = Callable[[Tensor], Tensor]
"""A function of points ``(points, coordinates)`` with values ``(points, fields)``: a network or an exact solution."""


class Condition(ABC):
    """What the solution obeys on a part of the boundary, the initial time included.

    Attributes:
        name: under which its loss is logged.
    """

    name: str

    @abstractmethod
    def sample(self, num_points: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        """Points on that part, ``(points, coordinates)``."""

    @abstractmethod
    def misfit(self, u: Solution, x: Tensor) -> Tensor:
        """What should be zero, ``(points,)`` or ``(points, parts)``."""


class BoundaryValue(Condition):
    """u = g on the boundary of a domain.

    Args:
        domain: gives the points.
        value: g, ``(points, coordinates)`` → ``(points,)``.
    """

    name = "boundary"

    def __init__(self, domain: Domain, value: Solution) -> None:
        self.domain, self.value = domain, value

    @override
    def sample(self, num_points: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        return self.domain.sample_boundary(num_points, generator, dtype)

    @override
    def misfit(self, u: Solution, x: Tensor) -> Tensor:
        return u(x).reshape(len(x)) - self.value(x).reshape(len(x))


class Problem(nn.Module, ABC):
    r"""An equation on a domain with data, ready to be trained and scored: residual(u) = 0 inside, conditions on the boundary.

    Coordinates are ``(points, coordinates)``: the axes of space, then the time if ``has_time``. Tensors that define the problem are buffers, so they
    move with it and are stored in checkpoints.

    Attributes:
        domain: where the residual is evaluated; it has all coordinates, the time included.
        equation: the physics.
        has_time: whether the last coordinate is the time.
        num_fields: outputs of the network.
        envelope: zero where values are prescribed; a network is multiplied by it. None leaves the network as it is.
        embedding: what a network gets in place of the coordinates, such as sines and cosines of those that are periodic; None for the coordinates themselves.
        lifting: any extension of the prescribed values into the domain, ``(points, fields)``, to which the product is added; None for zero.
            All three are written in operations that jets understand.
        conditions: data that the network does not obey by construction.
    """

    domain: Domain
    equation: Equation
    has_time: bool = False
    num_fields: int = 1
    envelope: Envelope | None
    embedding: Embedding | None
    lifting: Solution | None
    conditions: tuple[Condition, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.envelope = None
        self.embedding = None
        self.lifting = None

    @property
    def num_coordinates(self) -> int:
        """Inputs of the network."""
        return self.domain.ndim if self.embedding is None else self.embedding.out_features

    def residual(self, u: Field, d: Derivatives, x: Tensor) -> Field:
        """What should be zero inside, as the field ``u`` is laid out.

        Args:
            u: the solution as the provider understands it.
            d: the provider.
            x: the points at which ``u`` was evaluated, ``(points, coordinates)``.
        """
        return self.equation.residual(u, d) + self.source(x)

    def source(self, x: Tensor) -> Tensor | float:
        """What is added to the equation's residual so that it vanishes on the solution, ``(points,)``; 0 by default."""
        del x
        return 0.0

    @abstractmethod
    def exact(self, x: Tensor) -> Tensor:
        """The solution, ``(points,)``."""

    def evaluation_points(self, num_points: int, seed: int) -> Tensor:
        """Points at which a solution is scored, as one tensor ``(points, coordinates)``; the same for the same seed and number."""
        return self.domain.sample(num_points, torch.Generator().manual_seed(seed))

    def baseline(self, x: Tensor) -> Tensor:
        """An answer that knows nothing of the solution, up to a number, ``(points,)``; 1 by default."""
        return torch.ones(len(x), dtype=x.dtype, device=x.device)

    def factor(self, baseline: Tensor, exact: Tensor) -> Tensor | float:
        """The one number that the trivial answer takes from the solution, by default that of least squares.

        Args:
            baseline: :meth:`baseline` at all points, ``(points,)``.
            exact: the solution there, ``(points,)``.
        """
        return (baseline @ exact) / (baseline @ baseline)

    def trivial(self, x: Tensor) -> Tensor:
        """Factor times baseline, ``(points,)``: by default the mean of the exact solution."""
        baseline = self.baseline(x)
        return self.factor(baseline, self.exact(x)) * baseline

    def scores(self, u: Solution, x: Tensor | Iterable[Tensor]) -> dict[str, Tensor]:
        """Relative L² error, the trivial one and their ratio, the **skill**: 1 is worthless, 0 exact.

        Args:
            u: the network.
            x: points of :meth:`evaluation_points`, or blocks of them, such as :class:`~neuralpde.problems.EvaluationPoints`, of which one at a time is
                in memory; the scores are those of all points together.
        """
        blocks = [x] if isinstance(x, Tensor) else x
        rows = [(u(block).reshape(len(block)), self.exact(block), self.baseline(block)) for block in blocks]
        values, exact, baseline = (torch.cat(parts) for parts in zip(*rows, strict=True))
        size = exact.norm()
        error = (values - exact).norm() / size
        trivial = (self.factor(baseline, exact) * baseline - exact).norm() / size
        return {"relative_l2": error, "trivial": trivial, "skill": error / trivial}
