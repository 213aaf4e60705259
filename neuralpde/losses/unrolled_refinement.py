"""Training of a refining stepper through all passes of a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.losses.norms import Norm
from neuralpde.losses.objective import Model, Objective, Window
from neuralpde.models.refined_stepper import RefinedStepper

if TYPE_CHECKING:
    from neuralpde.graphs import Graph
    from neuralpde.grids import Grid, PointSet

__all__ = ["UnrolledRefinement"]


class UnrolledRefinement(Objective):
    r"""Mean over the passes of the error after each of them,  (K + 1)⁻¹ Σ_k loss(ŝ_k, s),  where every pass refines what the ones before it made of the noise.

    :class:`~neuralpde.losses.Refinement` shows a refinement the true s and noise, which in use it never sees: there it gets an estimate, whose error is neither
    white nor of the size of the noise. Here training and use are the same, the derivative runs through all passes, and what a pass leaves behind is what the
    next one learns to repair: one network, applied K + 1 times. A step costs K + 1 times one of ``Refinement``.

    Args:
        loss: norm of the error, in units of the network's output.

    Raises:
        TypeError: the model is no :class:`~neuralpde.models.RefinedStepper`.

    Limits: ours, not the published training. With noise as the ``prediction`` of the refinements the derivative of the first pass goes through noise
    levels σ_k < 1; :class:`~neuralpde.models.SignalPrediction` suits better.
    """

    def __init__(self, loss: Norm) -> None:
        self.loss = loss

    @override
    def frames(self, horizon: int) -> int:
        return horizon

    @override
    def __call__(self, model: Model, window: Window, *, domain: Grid | PointSet, graph: Graph | None, epoch: int, generator: torch.Generator) -> Tensor:
        del epoch
        if not isinstance(model, RefinedStepper):
            raise TypeError(f"UnrolledRefinement: expected a RefinedStepper, got {type(model).__name__}; choose stepper=refiner, or another objective.")
        self._check(model, window)
        known, target = model.example(window.frames)
        conditions = model.conditions(window.time, window.coefficients, domain, graph)
        return torch.stack([self.loss(estimate, target) for estimate in model.estimates(known, conditions, generator)]).mean(0)
