"""Training of a stepper that denoises: one pass, drawn at random, in each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from neuralpde.losses.norms import Norm
from neuralpde.losses.objective import Model, Objective, Window
from neuralpde.models.refined_stepper import RefinedStepper

if TYPE_CHECKING:
    from neuralpde.graphs import Graph
    from neuralpde.grids import Grid, PointSet

__all__ = ["Refinement"]


class Refinement(Objective):
    r"""Error of one denoising pass,  loss(f(u, corrupt(s, p, ε), p), label(s, p, ε))  with p uniform over the passes and ε white noise.

    s is the target in the units of the network's output. What ``corrupt`` and ``label`` are is the matter of the stepper's
    :class:`~neuralpde.models.Denoising`; all passes have the same weight. An untrained network that returns zeros has a loss near one where s has unit
    variance.

    Args:
        loss: norm of the error.

    Raises:
        TypeError: the model is no :class:`~neuralpde.models.RefinedStepper`.

    Reference: Lippe et al., "PDE-Refiner: Achieving Accurate Long Rollouts with Neural PDE Solvers", 2023.
    """

    def __init__(self, loss: Norm) -> None:
        self.loss = loss

    def frames(self, horizon: int) -> int:
        """See the class."""
        return horizon

    def __call__(self, model: Model, window: Window, *, domain: Grid | PointSet, graph: Graph | None, epoch: int, generator: torch.Generator) -> Tensor:
        """See the class."""
        del epoch
        if not isinstance(model, RefinedStepper):
            raise TypeError(f"Refinement: expected a RefinedStepper, got {type(model).__name__}; choose stepper=refiner, or another objective.")
        self._check(model, window)
        known, target = model.example(window.frames)
        passes = torch.randint(model.denoising.num_passes, (len(target),), generator=generator)
        noise = torch.randn(target.shape, generator=generator, dtype=target.dtype).to(target.device)
        noisy, label = model.denoising.corrupt(target, passes, noise)
        conditions = model.conditions(window.time, window.coefficients, domain, graph)
        return self.loss(model.denoise(known, noisy, passes, conditions), label)
