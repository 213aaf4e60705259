"""Whether the disagreement of several rollouts of one future tells how wrong they are."""

from neuralpde.evaluation.uncertainty.agreement import Agreement
from neuralpde.evaluation.uncertainty.report import terminal_uncertainty, write_uncertainty
from neuralpde.evaluation.uncertainty.result import Calibration, SourceResult, UncertaintyResult
from neuralpde.evaluation.uncertainty.sampling import InputNoise, ModelEnsemble, Sampling, Seeds
from neuralpde.evaluation.uncertainty.study import Uncertainty

__all__ = [
    "Agreement",
    "Calibration",
    "InputNoise",
    "ModelEnsemble",
    "Sampling",
    "Seeds",
    "SourceResult",
    "Uncertainty",
    "UncertaintyResult",
    "terminal_uncertainty",
    "write_uncertainty",
]
