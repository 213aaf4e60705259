"""Fifth-order weighted essentially non-oscillatory transport of cell averages."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.derivatives.finite_difference import FiniteDifference
from neuralpde.grids import Grid

__all__ = ["Weno"]

# Gauss–Legendre nodes, in cell widths from the centre, and weights.
_GAUSS_NODES = (-(0.15**0.5), 0.0, 0.15**0.5)
_GAUSS_WEIGHTS = (5 / 18, 8 / 18, 5 / 18)


class Weno(Derivatives):
    r"""Finite volumes on a periodic line: the state holds **cell averages**, cell i being centred on node i.

    ``convect`` reconstructs the state at both sides of every interface with WENO5 and returns

        (F_{i+1/2} − F_{i−1/2}) / Δx,   F = Godunov's flux, the minimum of f over [u⁻, u⁺] if u⁻ ≤ u⁺, else the maximum over [u⁺, u⁻].

    The sub-stencils and smoothness indicators βₖ are those of Jiang & Shu (1996); the weights are
    γₖ (1 + (τ/(βₖ + ε))²) with τ = |β₀ − β₂| (WENO-Z, Borges et al. 2008), which keep fifth order at smooth extrema where the
    original γₖ/(βₖ + ε)² drops to third.

    ``lift`` turns a callable coefficient into cell averages by Gauss quadrature with three points, so forcing and initial data
    belong to the same scheme. Linear terms (``dx``) use central stencils of order six, which act on averages as on point values.

    Args:
        grid: one periodic axis with at least 7 cells.
        sonic: the value where f′ vanishes, a number or ``(batch,)``. It may be left at 0 for a flux that is monotone.
        epsilon: ε, keeps the weights defined where the state is constant; far below the square of the
            smallest relevant jump, and in float32 above 1e-19 times the square of the largest.
        t: time.
        device: where the coordinates live.
        dtype: precision of the coordinates; fields keep their own.

    Raises:
        ValueError: the grid is not one-dimensional, periodic and long enough.

    Limits: scalar conservation laws whose flux has one stationary point. In several dimensions, or with a velocity known only at
    cell centres, a volume scheme needs quadrature on the faces, so it is refused. Explicit time steps must keep
    max|f′| dt/dx below about 1.4.

    Reference: Jiang & Shu, *Efficient implementation of weighted ENO schemes*, J. Comput. Phys. 126 (1996); Borges, Carmona, Costa &
    Don, *An improved weighted essentially non-oscillatory scheme for hyperbolic conservation laws*, J. Comput. Phys. 227 (2008).
    """

    ndim = space_axes = 1

    def __init__(
        self,
        grid: Grid,
        *,
        sonic: float | Tensor = 0.0,
        epsilon: float = 1e-12,
        t: float | Tensor = 0.0,
        device: torch.device | str | None = None,
        dtype: torch.dtype = torch.float64,
    ) -> None:
        if grid.ndim != 1 or not grid.periodic[0] or grid.shape[0] < 7:
            raise ValueError(
                f"Weno: needs one periodic axis of at least 7 cells, got shape {grid.shape} with periodic={grid.periodic}; "
                "use FiniteDifference or Fourier in several dimensions or on bounded domains."
            )
        self.grid, self.epsilon, self.t = grid, epsilon, t
        self.x = (grid.coordinates(0, device=device, dtype=dtype)[None, None],)
        self.sonic = self.lift(sonic)
        self._central = FiniteDifference(grid, order=6, device=device)

    def dx(self, u: Field, axis: int = 0, order: int = 1) -> Field:
        """Cell averages of ∂ᵒʳᵈᵉʳu/∂xᵒʳᵈᵉʳ, sixth order, not upwinded; transport goes through :meth:`convect`."""
        return self._central.dx(u, axis, order)

    def convect(self, flux: Callable[[Field], tuple[Field, ...]], u: Field, speed: Callable[[Field], tuple[Field, ...]] | None = None) -> Field:
        """∂f(u)/∂x, conservative: its sum over the cells is zero to round-off."""
        del speed
        interface = self._godunov(flux, *self._reconstruct(u))
        return (interface[..., 1:] - interface[..., :-1]) / self.grid.spacing[0]

    def advect(self, velocity: tuple[Field | None, ...], u: Field) -> Field:
        """V ∂u/∂x, upwinded by the sign of v. Fifth order for constant v; second order if v varies, since averages do not multiply."""
        if velocity[0] is None:
            return 0.0 * u
        left, right = self._reconstruct(u)
        v = torch.as_tensor(velocity[0], dtype=u.dtype, device=u.device)
        backward, forward = left[..., 1:] - left[..., :-1], right[..., 1:] - right[..., :-1]
        return (v.clamp(min=0) * backward + v.clamp(max=0) * forward) / self.grid.spacing[0]

    def mean(self, u: Field, axis: int | None = None) -> Field:
        """Mean over space, exact for averages."""
        del axis
        return u.mean(dim=-1, keepdim=True)

    def lift(self, coefficient: Any) -> Any:
        """As the base class; a callable is averaged over every cell by three-point Gauss quadrature."""
        if not callable(coefficient) or isinstance(coefficient, Tensor):
            return super().lift(coefficient)
        # The quadrature points are one more leading axis of the coordinate, which whatever the callable computes broadcasts along.
        x = self.x[0]
        sampled = copy.copy(self)
        sampled.x = (torch.stack([x + node * self.grid.spacing[0] for node in _GAUSS_NODES]),)
        values = coefficient(sampled)
        if not isinstance(values, Tensor) or values.ndim <= x.ndim:
            return values
        return sum(weight * value for weight, value in zip(_GAUSS_WEIGHTS, values.unbind(0), strict=True))

    def _godunov(self, flux: Callable[[Field], tuple[Field, ...]], left: Tensor, right: Tensor) -> Tensor:
        lower, upper = torch.minimum(left, right), torch.maximum(left, right)
        sonic = torch.as_tensor(self.sonic, dtype=left.dtype, device=left.device)
        f_left, f_right = flux(left)[0], flux(right)[0]
        f_sonic = flux(torch.minimum(torch.maximum(lower, sonic), upper))[0]
        smallest = torch.minimum(torch.minimum(f_left, f_right), f_sonic)
        largest = torch.maximum(torch.maximum(f_left, f_right), f_sonic)
        return torch.where(left <= right, smallest, largest)

    def _reconstruct(self, u: Tensor) -> tuple[Tensor, Tensor]:
        r"""States u⁻, u⁺ on both sides of the n + 1 interfaces −1/2 … n − 1/2.

        Everything is written in the differences d_c = u_{c+1} − u_c: the indicators are quadratic forms in two neighbours (here times 3/4),
        the candidate values are u_c plus a combination of two, and both edges of a cell share the indicators. Each line is one pass
        over memory, and the calls are out of place, so that autograd may record them.
        """
        n = u.shape[-1]
        cells = torch.cat([u[..., -3:], u, u[..., :3]], dim=-1)
        d = cells[..., 1:] - cells[..., :-1]
        # For cells −1 … n: the differences d_{c−2}, d_{c−1}, d_c, d_{c+1}.
        a, b, c, e = (d[..., i : i + n + 2] for i in range(4))
        weights = self._weights(a, b, c, e)
        # Candidate values minus u_c, times 3.
        above = _blend(weights, (0.1, 0.6, 0.3), torch.sub(2.5 * b, a), torch.add(0.5 * b, c), torch.sub(2 * c, e, alpha=0.5))
        below = _blend(weights, (0.3, 0.6, 0.1), torch.sub(2 * b, a, alpha=0.5), torch.add(0.5 * c, b), torch.sub(2.5 * c, e))
        centre = cells[..., 2:-2]
        left = torch.add(centre, above, alpha=1 / 3)
        right = torch.sub(centre, below, alpha=1 / 3)
        return left[..., :-1], right[..., 1:]

    def _weights(self, a: Tensor, b: Tensor, c: Tensor, e: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """1 + (τ/(βₖ + ε))² for k = 0, 1, 2; positive definite forms, so that no cancellation hides behind the expanded squares."""
        epsilon = torch.full((), self.epsilon, dtype=a.dtype, device=a.device)
        one = torch.ones((), dtype=a.dtype, device=a.device)
        beta = (
            torch.addcmul(torch.addcmul(epsilon, a, torch.add(a, b, alpha=-2.75)), b, b, value=2.5),
            torch.addcmul(torch.addcmul(epsilon, b, torch.add(b, c, alpha=-1.25)), c, c),
            torch.addcmul(torch.addcmul(epsilon, e, torch.add(e, c, alpha=-2.75)), c, c, value=2.5),
        )
        tau = beta[0] - beta[2]
        first, second, third = (torch.addcmul(one, ratio, ratio) for ratio in (tau / indicator for indicator in beta))
        return first, second, third


def _blend(weights: tuple[Tensor, Tensor, Tensor], linear: tuple[float, float, float], first: Tensor, second: Tensor, third: Tensor) -> Tensor:
    """Σ γₖ wₖ qₖ / Σ γₖ wₖ."""
    w0, w1, w2 = weights
    g1, g2 = linear[1] / linear[0], linear[2] / linear[0]
    numerator = torch.addcmul(torch.addcmul(w0 * first, w1, second, value=g1), w2, third, value=g2)
    return numerator / torch.add(torch.add(w0, w1, alpha=g1), w2, alpha=g2)
