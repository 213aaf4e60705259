"""Navier–Stokes from the vortices of Taylor and Green."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.derivatives.at_points import AtPoints
from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.equations import VorticityNavierStokes
from neuralpde.problems.base import Problem, Solution
from neuralpde.problems.domains import Box
from neuralpde.problems.embeddings import PeriodicEmbedding
from neuralpde.problems.envelopes import TimeEnvelope
from neuralpde.problems.initial_boundary import InitialValue

__all__ = ["TaylorGreen"]


class TaylorGreen(Problem):
    r"""ωₜ + v·∇ω = ν Δω on a periodic square from ω = 2Ak cos kx cos ky, whose vortices decay as exp(−2νk²t) and keep their shape.

    Coordinates are (x, y, t), the square is [0, 2π]². The velocity is not local in the vorticity, so the network has two outputs, ω and the stream function ψ,
    and the residual two parts: that of :class:`~neuralpde.equations.VorticityNavierStokes` with the velocity from ψ, and the defect Δψ + ω of the Poisson
    problem that a grid would solve. The network gets sines and cosines of x and y, so all its derivatives are periodic.

    Args:
        viscosity: ν > 0.
        wavenumber: k, a whole number, so that the vortices fit.
        amplitude: A, largest speed.
        end: final time.
        constrained: build the initial vorticity into the network, together with its stream function; otherwise it is a term of the loss.

    Shape: points ``(points, 3)`` → ``(points, 2)``; scores and :meth:`exact` are of the vorticity.

    Limits: in the solution the transport vanishes, v·∇ω = 0, but nothing tells the network so.

    Raises:
        ValueError: a wavenumber that is not whole.

    Reference: Taylor & Green, Mechanism of the production of small eddies from large ones, 1937.
    """

    equation: VorticityNavierStokes  # pyright: ignore[reportIncompatibleVariableOverride]
    has_time = True
    num_fields = 2

    def __init__(self, viscosity: float = 0.05, *, wavenumber: float = 1.0, amplitude: float = 1.0, end: float = 2.0, constrained: bool = True) -> None:
        super().__init__()
        if wavenumber < 1 or wavenumber != round(wavenumber):
            raise ValueError(f"TaylorGreen: needs a whole wavenumber of at least 1, got {wavenumber}; other vortices do not fit into the periodic square.")
        self.equation = VorticityNavierStokes(viscosity)
        self.wavenumber, self.amplitude = wavenumber, amplitude
        box = Box([0.0, 0.0, 0.0], [2 * math.pi, 2 * math.pi, end])
        self.domain = box
        self.embedding = PeriodicEmbedding([2 * math.pi, 2 * math.pi, None])
        if constrained:
            self.envelope = TimeEnvelope()
            self.lifting = self._start
        else:
            self.conditions = (InitialValue(box, self.exact, field=0),)

    @override
    def residual(self, u: Field, d: Derivatives, x: Tensor) -> Field:
        """Both parts, ``(1, 2, points)``.

        Raises:
            TypeError: a provider that cannot take ψ from the network.
        """
        del x
        if not isinstance(d, AtPoints):
            raise TypeError(f"TaylorGreen: needs a provider of derivatives at points, got {type(d).__name__}; use ByTaylorMode or ByReverseMode.")
        vorticity, stream = d.split(u)
        flow = d.using(stream)
        transport = flow.values(self.equation.residual(vorticity, flow))
        return torch.cat([transport, *(flow.values(defect) for defect in flow.defects)], dim=1)

    @override
    def exact(self, x: Tensor) -> Tensor:
        return self._vorticity(x[..., -1:], x).squeeze(-1)

    @override
    def baseline(self, x: Tensor) -> Tensor:
        """The initial vorticity, as if nothing happened."""
        return self._vorticity(0.0, x).squeeze(-1)

    @override
    def factor(self, baseline: Tensor, exact: Tensor) -> float:
        """1; nothing is fitted."""
        del baseline, exact
        return 1.0

    @override
    def scores(self, u: Solution, x: Tensor | Iterable[Tensor]) -> dict[str, Tensor]:
        return super().scores(lambda x: u(x)[:, :1], x)

    def _start(self, x: Any) -> Any:
        """ω and ψ at the initial time; −Δψ = ω gives ψ = ω/(2k²)."""
        vorticity = self._vorticity(0.0, x)
        return torch.cat([vorticity, vorticity / (2 * self.wavenumber**2)], dim=-1)

    def _vorticity(self, t: Any, x: Any) -> Any:
        return self.equation.exact(t, x[..., :1], x[..., 1:2], self.wavenumber, self.amplitude)
