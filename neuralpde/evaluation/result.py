"""What an evaluation found, as plain data."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from torch import Tensor

from neuralpde.evaluation.summary import Summary
from neuralpde.evaluation.timing import Timing
from neuralpde.grids import Grid, PointSet

__all__ = ["Curve", "Example", "Method", "OneStepSpectra", "Result", "Spectrum", "plain"]

Kind = Literal["network", "classical", "baseline"]


@dataclass(frozen=True)
class Curve:
    """A quantity over time: mean and quartiles over trajectories, one entry per predicted frame."""

    mean: list[float | None]
    lower_quartile: list[float | None]
    median: list[float | None]
    upper_quartile: list[float | None]


@dataclass(frozen=True)
class Spectrum:
    """Energy per wavenumber shell of the prediction, the reference and the error; mean over frames and finite trajectories, sum over channels."""

    energy: list[float | None]
    reference: list[float | None]
    error: list[float | None]


@dataclass(frozen=True)
class OneStepSpectra:
    """Amplitude per wavenumber shell of the first predicted frame: mean of |FFT| over modes, trajectories and channels, not normalised.

    Args:
        reference: amplitude of the reference.
        passes: amplitude after each pass of a refining model, the initial prediction first; one entry for other models.
        errors: amplitude of prediction − reference after each pass.
    """

    reference: list[float | None]
    passes: tuple[list[float | None], ...]
    errors: tuple[list[float | None], ...]


@dataclass(frozen=True)
class Method:
    """One way of predicting and how it scored.

    Args:
        name: what reports call it.
        kind: network, classical solver or trivial baseline.
        shape: points per axis.
        scores: summary over trajectories by metric name.
        per_trajectory: the numbers behind it, in the order of the trajectories.
        set_scores: scores of the whole set that are no means over trajectories.
        curves: quantities over time.
        spectrum: energies by wavenumber, None on grids without a plain Fourier transform.
        timing: wall time, None for baselines, and for runs that diverged on every trajectory.
        num_diverged: trajectories whose prediction is not finite somewhere; their scores are missing.
        one_step: spectra of a network's first prediction, pass by pass if it refines; None without a plain Fourier transform.
    """

    name: str
    kind: Kind
    shape: tuple[int, ...]
    scores: dict[str, Summary]
    per_trajectory: dict[str, list[float | None]]
    set_scores: dict[str, float | None]
    curves: dict[str, Curve]
    spectrum: Spectrum | None = None
    timing: Timing | None = None
    num_diverged: int = 0
    one_step: OneStepSpectra | None = None

    @property
    def is_network(self) -> bool:
        """Whether it is the evaluated network or one of its rivals."""
        return self.kind == "network"

    @property
    def error(self) -> float:
        """Mean accumulated error; infinite if a trajectory blew up."""
        mean = self.scores["accumulated_error"].mean
        return math.inf if mean is None else mean


@dataclass(frozen=True, eq=False)
class Example:
    """One trajectory to look at; reference and prediction of the network, ``(time, channel, *space)``.

    Args:
        label: why it was chosen.
        index: its number in the file.
        error: its accumulated error.
        ref: reference frames.
        pred: predicted frames.
        step: its own time between frames; None for that of the result.
    """

    label: str
    index: int
    error: float | None
    ref: Tensor
    pred: Tensor
    step: float | None = None


@dataclass(frozen=True)
class Result:
    """An evaluation: settings, definitions, scores of all methods, and three trajectories to look at.

    Args:
        model: name of the model.
        data: name of the data set and split.
        settings: frames given and predicted, resolution, coefficients, …
        definitions: one line per metric.
        methods: the network, other networks beside it, classical runs from fine to coarse, baselines.
        times: time of every predicted frame; in steps of the mean dt where every trajectory has its own.
        environment: hardware, threads, load, versions.
        verdict: who wins at equal error and at equal time, in one or two sentences.
        notes: what was left out and why.
        examples: trajectories for figures; not part of :meth:`to_dict`.
        domain: the nodes, for figures; not part of :meth:`to_dict`.
        velocity: channels of v_x and v_y in a plane flow, whose vorticity figures show.
    """

    model: str
    data: str
    settings: dict[str, Any]
    definitions: dict[str, str]
    methods: tuple[Method, ...]
    times: list[float]
    environment: dict[str, Any]
    verdict: str
    notes: tuple[str, ...] = ()
    examples: tuple[Example, ...] = field(default=(), compare=False)
    domain: Grid | PointSet | None = field(default=None, compare=False)
    velocity: tuple[int, int] | None = None

    @property
    def network(self) -> Method:
        """The entry of the network that was evaluated."""
        return self.methods[0]

    @property
    def step(self) -> float:
        """Time between frames, the mean where every trajectory has its own."""
        return self.times[1] - self.times[0] if len(self.times) > 1 else self.settings["dt"]

    def of_kind(self, kind: Kind) -> tuple[Method, ...]:
        """The methods of one kind, in order."""
        return tuple(m for m in self.methods if m.kind == kind)

    def to_dict(self) -> dict[str, Any]:
        """Plain types only, every number finite or None: what ``metrics.json`` holds."""
        content = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name not in ("examples", "domain")}
        return {"format": "neuralpde.evaluation", "version": 1, **plain(content)}


def plain(value: Any) -> Any:
    """``value`` in types that JSON can hold: dataclasses and tuples opened, numbers that are not finite replaced by None."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
