"""A first guess and a network that corrects it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.graphs import Graph
from neuralpde.grids import Grid, PointSet
from neuralpde.models.conditions import Backbone, Conditions
from neuralpde.models.first_guess import FirstGuess
from neuralpde.models.neural_stepper import NeuralStepper, Output

__all__ = ["CorrectedStepper"]


class CorrectedStepper(NeuralStepper):
    r"""Frames → frames:  û = output(g, f(u, g)),  g the first guess and f a network that sees the given frames followed by the guess.

    With :class:`~neuralpde.models.Difference` the network adds its scaled output to the guess. With a coarse classical solver as the guess this is a hybrid
    solver; with a trained network it is the prediction of that network's error.

    Args:
        backbone: a network of ``(history + horizon) · channels`` input channels.
        guess: the first guess.
        channels: see :class:`~neuralpde.models.NeuralStepper`, as the others.
        history: frames read.
        horizon: frames returned.
        dt: time between frames.
        time_scale: time that maps to one.
        coefficient_scale: one scale per coefficient.
        output: form of the output; its scale is a typical error of the guess.
        graph: builds the graph of a domain.

    Limits: no gradient flows through the guess.

    Reference: Um et al., "Solver-in-the-Loop", 2020, for hybrid solvers; the error prediction of Lippe et al., "PDE-Refiner", 2023, for trained guesses.
    """

    def __init__(
        self,
        backbone: Backbone,
        *,
        guess: FirstGuess,
        channels: int,
        history: int,
        horizon: int,
        dt: float,
        time_scale: float,
        coefficient_scale: tuple[float, ...] = (),
        output: Output | None = None,
        graph: Callable[[Grid | PointSet], Graph] | None = None,
    ) -> None:
        super().__init__(
            backbone,
            channels=channels,
            history=history,
            horizon=horizon,
            dt=dt,
            time_scale=time_scale,
            coefficient_scale=coefficient_scale,
            output=output,
            graph=graph,
        )
        self.guess = guess

    @staticmethod
    @override
    def frames_seen(history: int, horizon: int) -> int:
        return history + horizon

    @override
    def forward(self, window: Tensor, conditions: Conditions) -> Tensor:
        self._check_window(window)
        coefficients = conditions.coefficients * self.coefficient_scale
        guess = self.guess(window, conditions, coefficients=coefficients, horizon=self.horizon, dt=self.dt)
        output = self.backbone(torch.cat([window, guess], dim=1).flatten(1, 2), conditions)
        return self.output(guess, output.unflatten(1, (self.horizon, self.channels)), self.dt)
