"""A network that obeys boundary or initial values by construction."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from neuralpde.problems import Envelope, Problem

__all__ = ["Constrained", "constrain"]


class Constrained(nn.Module):
    r"""u(x) = g(x) + φ(x) n(x): equal to g wherever φ is zero, whatever the network n.

    Args:
        network: n.
        envelope: φ.
        lifting: g, any extension of the prescribed values into the domain, ``(points, coordinates)`` → ``(points, fields)``; None is zero.

    Shape: ``(points, coordinates)`` → ``(points, fields)``.
    """

    def __init__(self, network: nn.Module, envelope: Envelope, lifting: Callable[[Tensor], Tensor] | None = None) -> None:
        super().__init__()
        self.network, self.envelope, self.lifting = network, envelope, lifting

    def forward(self, x: Tensor) -> Tensor:
        """u."""
        inside = self.envelope(x) * self.network(x)
        return inside if self.lifting is None else inside + self.lifting(x)

    def laplacian(self, x: Tensor, value: Tensor, laplacian: Tensor) -> tuple[Tensor, Tensor]:
        r"""u and Δu by the product rule,  Δ(φ n) = φ Δn + 2 ∇φ·∇n + n Δφ, of which only Δn may be an estimate.

        Args:
            x: points.
            value: n there, ``(points, fields)``.
            laplacian: Δn there, exact or estimated.

        Raises:
            TypeError: a lifting, whose Laplacian is not known, or an envelope without closed forms.
        """
        if self.lifting is not None:
            raise TypeError("Constrained: the expansion by hand needs an ansatz without lifting, got one; let the engine differentiate the whole ansatz.")
        envelope = self.envelope(x)
        along = torch.func.jvp(self.network, (x,), (self.envelope.gradient(x),))[1]
        return envelope * value, envelope * laplacian + 2.0 * along + self.envelope.laplacian(x) * value


def constrain(problem: Problem, network: nn.Module) -> nn.Module:
    """The network behind the embedding and inside the ansatz of a problem, as far as it has them.

    Args:
        problem: gives embedding, envelope and lifting.
        network: with ``problem.num_coordinates`` inputs and ``problem.num_fields`` outputs.
    """
    inside = network if problem.embedding is None else nn.Sequential(problem.embedding, network)
    return inside if problem.envelope is None else Constrained(inside, problem.envelope, problem.lifting)
