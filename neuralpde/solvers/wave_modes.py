"""Eigenmodes of the second derivative between two ends."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["WaveModes"]


class WaveModes:
    r"""Decomposition  A = −V diag(ω²) V⁻¹  of the second derivative on the inner nodes, the end nodes eliminated.

    Args:
        matrix: first-derivative matrix D, ``(n, n)``.
        left: flag of the first node, 0 Dirichlet or 1 Neumann.
        right: flag of the last node.

    Raises:
        ValueError: fewer than 5 nodes.
        RuntimeError: eigenvalues that are not real and non-positive.
    """

    def __init__(self, matrix: Tensor, left: float, right: float) -> None:
        n = matrix.shape[0]
        if n < 5:
            raise ValueError(f"WaveModes: needs at least 5 nodes, got {n}; refine the grid.")
        # Rows of all nodes in terms of the inner ones: the identity, and the ends from their boundary rows B u = 0.
        identity = torch.eye(n, dtype=matrix.dtype, device=matrix.device)
        rows = torch.stack([identity[0] if left == 0 else matrix[0], identity[-1] if right == 0 else matrix[-1]])
        ends = -torch.linalg.solve(rows[:, [0, -1]], rows[:, 1:-1])
        extension = torch.cat([ends[:1], identity[1:-1, 1:-1], ends[1:]])
        eigenvalues, vectors = torch.linalg.eig((matrix @ matrix)[1:-1] @ extension)
        largest = eigenvalues.abs().max()
        if bool((eigenvalues.imag.abs() > 1e-8 * largest).any()) or bool((eigenvalues.real > 1e-8 * largest).any()):
            raise RuntimeError(f"WaveModes: expected real eigenvalues below zero, got {eigenvalues[eigenvalues.real.argmax()]:.3g}; use fewer nodes.")
        self.frequencies = (-eigenvalues.real).clamp(min=0).sqrt()
        self._analysis = torch.linalg.inv(vectors.real).T.contiguous()
        self._synthesis = (extension @ vectors.real).T.contiguous()

    def advance(self, u: Tensor, speed: Tensor, dt: float) -> Tensor:
        """Exact flow over ``dt``; state ``(batch, 2, n)``, speed ``(batch,)``."""
        displacement, velocity = (u[..., 1:-1] @ self._analysis).unbind(1)
        rate = speed[:, None] * self.frequencies
        cosine, sine = torch.cos(rate * dt), torch.sin(rate * dt)
        # sinc gives dt where the rate is zero: a free–free string translates.
        quotient = dt * torch.sinc(rate * (dt / torch.pi))
        modes = torch.stack([cosine * displacement + quotient * velocity, cosine * velocity - rate * sine * displacement], dim=1)
        return modes @ self._synthesis
