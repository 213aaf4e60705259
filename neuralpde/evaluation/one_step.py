"""Spectra of the first prediction: where in wavenumber one step is right, and what each refinement adds."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from neuralpde.evaluation.result import OneStepSpectra
from neuralpde.evaluation.summary import finite_or_none
from neuralpde.evaluation.task import Task
from neuralpde.graphs import Graph
from neuralpde.grids import Grid, PointSet
from neuralpde.metrics import amplitude_spectrum
from neuralpde.models import Conditions
from neuralpde.rollout import Stepper, rollout

__all__ = ["Refined", "first_predictions", "one_step_spectra"]

SEED = 0


@runtime_checkable
class Refined(Protocol):
    """A model whose step is a first prediction and several random refinements of it: :class:`~neuralpde.models.RefinedStepper`."""

    history: int
    dt: float

    def bind(self, domain: Grid | PointSet, coefficients: Tensor, seed: int = 0) -> Stepper:
        """The stepper for trajectories with these coefficients; another ``seed`` gives other samples."""
        ...

    def build_graph(self, domain: Grid | PointSet) -> Graph | None:
        """The graph of ``domain``, None for backbones that work on grids."""
        ...

    def conditions(self, time: Tensor, coefficients: Tensor, domain: Grid | PointSet, graph: Graph | None = None) -> Conditions:
        """Circumstances of a prediction whose last given frame is at ``time``."""
        ...

    def passes(self, window: Tensor, conditions: Conditions, generator: torch.Generator | None = None) -> list[Tensor]:
        """Prediction after every pass, ``(batch, history, channel, *space)`` → K+1 times ``(batch, horizon, channel, *space)``."""
        ...


@torch.no_grad()
def first_predictions(task: Task, part: slice, *, seed: int = SEED) -> list[Tensor]:
    """The first predicted frame after every pass of the model, ``(batch, 1, channel, *space)`` each; one entry for models of one pass.

    Args:
        task: what to predict.
        part: which trajectories.
        seed: of the refinement noise.
    """
    given = task.given(part)
    if not isinstance(task.model, Refined):
        return [rollout(task.bound(part), given, 1, task.time)]
    domain = task.data.domain
    time = torch.full((given.shape[0],), task.time, device=given.device, dtype=given.dtype)
    conditions = task.model.conditions(time, task.coefficients(part), domain, task.model.build_graph(domain))
    generator = torch.Generator().manual_seed(seed + part.start)
    passes = task.model.passes(given[:, -task.model.history :], conditions, generator)
    return [frames[:, :1] for frames in passes]


def one_step_spectra(task: Task) -> OneStepSpectra | None:
    """Amplitudes of reference, predictions and errors at the first predicted frame; None unless the grid is periodic in every axis."""
    domain = task.data.domain
    if not isinstance(domain, Grid) or not all(domain.periodic):
        return None
    totals: list[Tensor] = []
    for part in task.parts():
        ref = task.reference(part)[:, :1].double()
        passes = [pred.cpu().double() for pred in first_predictions(task, part)]
        fields = torch.stack([ref, *passes, *(pred - ref for pred in passes)])
        totals.append(torch.stack([amplitude_spectrum(u).mean(dim=(1, 2)) for u in fields]))
    amplitudes = [[finite_or_none(a) for a in row] for row in torch.cat(totals, dim=1).mean(dim=1).tolist()]
    num_passes = (len(amplitudes) - 1) // 2
    return OneStepSpectra(amplitudes[0], tuple(amplitudes[1 : 1 + num_passes]), tuple(amplitudes[1 + num_passes :]))
