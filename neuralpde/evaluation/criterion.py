"""What decides between a network and a classical solver."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from neuralpde.data import DataFileError
from neuralpde.evaluation.evaluation_set import EvaluationSet
from neuralpde.evaluation.result import Method
from neuralpde.evaluation.tally import SET_SCORES

__all__ = ["AccumulatedError", "Criterion", "TimeOfCorrelation", "usual_criterion"]

BURN_IN = 0.1
"""Part of a trajectory that is dropped before its start, from which on it counts as a sample of a chaotic state; one frame may just be a start-up."""


class Criterion(ABC):
    """A number per method, and the words for it.

    Attributes:
        full: its name where its value is said.
        short: its name where two are compared.
        better: what a better one is.
    """

    full: ClassVar[str]
    short: ClassVar[str]
    better: ClassVar[str]

    @abstractmethod
    def value(self, method: Method) -> float:
        """The number itself."""

    @abstractmethod
    def loss(self, method: Method) -> float:
        """Smaller is better, and the ratio of two losses is how many times better; infinite for a method that failed."""


@dataclass(frozen=True)
class AccumulatedError(Criterion):
    """Mean over trajectories of the error summed over frames: for problems that can be predicted to the end."""

    full: ClassVar[str] = "accumulated error"
    short: ClassVar[str] = "error"
    better: ClassVar[str] = "smaller"

    @override
    def value(self, method: Method) -> float:
        return method.error

    @override
    def loss(self, method: Method) -> float:
        return method.error


@dataclass(frozen=True)
class TimeOfCorrelation(Criterion):
    """Time until the correlation with the reference is lost: for chaotic problems, where any forecast is worse than the mean in the end.

    Args:
        score: which one of the scores of a whole set, such as ``averaged_correlation_time_0.8`` or ``averaged_vorticity_correlation_time_0.8``.

    Raises:
        ValueError: there is no such score.
    """

    full: ClassVar[str] = "time of correlation"
    short: ClassVar[str] = "time of correlation"
    better: ClassVar[str] = "longer"

    score: str = "averaged_correlation_time_0.8"

    def __post_init__(self) -> None:
        times = [key for key in SET_SCORES if "time" in key]
        if self.score not in times:
            raise ValueError(f"TimeOfCorrelation: expected one of {', '.join(times)}, got {self.score!r}; choose one of them.")

    @override
    def value(self, method: Method) -> float:
        return method.set_scores.get(self.score) or 0.0

    @override
    def loss(self, method: Method) -> float:
        time = self.value(method)
        return 1 / time if time > 0 else math.inf


def usual_criterion(data: EvaluationSet) -> Criterion:
    """The time of correlation for data that begin after a burn-in, which only stationary chaos needs, that of the vorticity for flows; else the error."""
    try:
        scenario = data.file.scenario()
    except DataFileError:
        return AccumulatedError()
    if scenario.burn_in < BURN_IN * data.num_frames:
        return AccumulatedError()
    return TimeOfCorrelation("averaged_vorticity_correlation_time_0.8" if data.velocity else "averaged_correlation_time_0.8")
