"""The result of a study of uncertainty with numbers chosen by hand, for tests of what is written about it."""

from __future__ import annotations

from typing import Any

from neuralpde.evaluation.uncertainty import Calibration, SourceResult, UncertaintyResult
from neuralpde.metrics import LineFit

__all__ = ["source", "study"]

CALIBRATION = Calibration(
    times=[0.5, 2.0],
    spread=[[0.0, 4.0, 1.0], [0.0, 8.0, 2.0]],
    error=[[0.0, 2.0, 1.0], [0.0, 2.0, 2.0]],
    ratio=[[None, 1.5, 1.1], [None, 2.2, 1.1]],
    bands=[[1.4, None, 0.7], [2.0, None, 0.6]],
    total_ratio=[1.3, 1.4, 1.5, 1.6],
)


def source(name: str = "seeds", **changes: Any) -> SourceResult:
    """Four trajectories, one of them censored."""
    options: dict[str, Any] = {
        "definition": f"how samples of {name} differ",
        "num_samples": 8,
        "cross_time": [0.5, 1.0, 1.5, 2.0],
        "true_time": [0.5, 1.5, 1.0, 2.0],
        "censored": [False, False, False, True],
        "fit": LineFit(0.875, 0.25, 0.81, 0.3, 3),
        "fit_all": LineFit(0.9, 0.1, 0.9, 0.2, 4),
        "cross_correlation": [0.9, 0.8, None, 0.5],
        "true_correlation": [0.95, 0.85, 0.7, 0.6],
        "averaged_true_time": 1.0,
        "averaged_mean_time": 1.25,
        "num_diverged": 0,
        "calibration": CALIBRATION,
    }
    return SourceResult(name=name, **{**options, **changes})


def study(*sources: SourceResult) -> UncertaintyResult:
    """A study of the given sources, or of one."""
    return UncertaintyResult(
        model="toy",
        data="toy data",
        settings={"threshold": 0.8, "num_trajectories": 4},
        definitions={"r squared": "what it is"},
        sources=sources or (source(),),
        times=[0.5, 1.0, 1.5, 2.0],
        environment={"device": "abacus"},
        notes=("ensemble was left out: no other models were named.",),
    )
