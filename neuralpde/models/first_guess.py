"""Predictions that a network only has to correct."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from typing_extensions import Self, override

from neuralpde.equations.base import Equation
from neuralpde.grids import Grid
from neuralpde.models.conditions import Conditions
from neuralpde.models.neural_stepper import NeuralStepper
from neuralpde.resampling import resample
from neuralpde.rollout import rollout

__all__ = ["CoarseSolver", "FirstGuess", "TrainedGuess"]


class FirstGuess(nn.Module):
    """Frames → frames, without gradient: what :class:`~neuralpde.models.CorrectedStepper` starts from."""

    def forward(self, window: Tensor, conditions: Conditions, *, coefficients: Tensor, horizon: int, dt: float) -> Tensor:
        """The guess.

        Args:
            window: given frames, ``(batch, history, channel, *space)``.
            conditions: scaled circumstances.
            coefficients: the coefficients in physical units, ``(batch, num_coefficients)``.
            horizon: frames wanted.
            dt: time between them.

        Shape: ``(batch, horizon, channel, *space)``.
        """
        raise NotImplementedError


class TrainedGuess(FirstGuess):
    """A trained network whose weights stay as they are.

    Args:
        stepper: the network. Its weights are stored with those of the correction; a training starts from those of its checkpoint, see
            :class:`~neuralpde.modules.FrozenPart`.
    """

    def __init__(self, stepper: NeuralStepper) -> None:
        super().__init__()
        self.stepper = stepper.requires_grad_(False).eval()

    @override
    def train(self, mode: bool = True) -> Self:
        return super().train(False)

    @override
    @torch.no_grad()
    def forward(self, window: Tensor, conditions: Conditions, *, coefficients: Tensor, horizon: int, dt: float) -> Tensor:
        del coefficients, horizon, dt
        return self.stepper(window[:, window.shape[1] - self.stepper.history :], conditions)


class CoarseSolver(FirstGuess):
    r"""A classical solver on a coarser grid and with fewer internal steps than accuracy asks for.

    The last frame is restricted to the coarse grid (matching nodes, or the trigonometric polynomial where they do not match), advanced, and
    interpolated back; the modes that the coarse grid cannot hold keep their present value.

    Args:
        equation: an equation class, or a partial of one.
        solver: a partial of a classical solver, ``solver(equation, grid, dt)``.
        shape: points per axis to solve on, at most those of the data; None for all of them.
        coefficients: names of the equation's coefficients in the order in which the network is told them.
        constants: coefficients that are the same for all trajectories.

    Raises:
        ValueError: in the call, another number of coefficients, or a domain that is no grid.

    Limits: autonomous equations; the solver is built anew in every call, since every batch has coefficients of its own. A trajectory on which it blows up
    becomes NaN.
    """

    def __init__(
        self,
        equation: Callable[..., Equation],
        solver: Callable[..., Any],
        *,
        shape: Sequence[int] | None = None,
        coefficients: Sequence[str] = (),
        constants: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__()
        self.equation, self.solver, self.shape = equation, solver, shape
        self.coefficients, self.constants = tuple(coefficients), dict(constants or {})

    @override
    @torch.no_grad()
    def forward(self, window: Tensor, conditions: Conditions, *, coefficients: Tensor, horizon: int, dt: float) -> Tensor:
        domain = conditions.domain
        if not isinstance(domain, Grid) or coefficients.shape[1] != len(self.coefficients):
            raise ValueError(
                f"CoarseSolver: expected a Grid and the coefficients {list(self.coefficients)}, got {type(domain).__name__} and {coefficients.shape[1]} "
                "coefficients; let guess.coefficients repeat the data's conditioned_on."
            )
        grid = domain if self.shape is None else domain.resized(tuple(self.shape))
        last = window[:, -1].double()
        start = resample(last, domain, grid)
        frames = self._solve(start, coefficients.double(), grid, horizon, dt)
        return (last.unsqueeze(1) + resample(frames - start.unsqueeze(1), grid, domain)).to(window.dtype)

    def _solve(self, start: Tensor, coefficients: Tensor, grid: Grid, horizon: int, dt: float) -> Tensor:
        """Frames on the coarse grid; where the solver gives up, NaN for the trajectories at fault and no others."""
        try:
            named = dict(zip(self.coefficients, coefficients.unbind(1), strict=True))
            stepper = self.solver(self.equation(**self.constants, **named), grid, dt)
            return rollout(stepper, start.unsqueeze(1), horizon)
        except FloatingPointError:
            if len(start) == 1:
                return torch.full_like(start, torch.nan).unsqueeze(1).repeat(1, horizon, *(1,) * (start.ndim - 1))
            halves = zip(start.chunk(2), coefficients.chunk(2), strict=True)
            return torch.cat([self._solve(state, numbers, grid, horizon, dt) for state, numbers in halves])
