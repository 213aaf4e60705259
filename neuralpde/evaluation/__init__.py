"""Scores of trained models beside trivial baselines and the classical solver, and the reports about them."""

from neuralpde.evaluation.baselines import Mean, Persistence, Zero
from neuralpde.evaluation.classical import ClassicalRun, ClassicalStart, Coarser, ExactInitial, LastGivenFrame
from neuralpde.evaluation.criterion import AccumulatedError, Criterion, TimeOfCorrelation, usual_criterion
from neuralpde.evaluation.environment import environment
from neuralpde.evaluation.evaluation import Evaluation
from neuralpde.evaluation.evaluation_set import EvaluationSet
from neuralpde.evaluation.metric import Comparison, Metric, Scores
from neuralpde.evaluation.one_step import Refined, first_predictions, one_step_spectra
from neuralpde.evaluation.report import ReportFiles, write_report
from neuralpde.evaluation.result import Curve, Example, Method, OneStepSpectra, Result, Spectrum
from neuralpde.evaluation.standard_metrics import correlation_time_metric, standard_metrics
from neuralpde.evaluation.summary import Summary, summarise
from neuralpde.evaluation.table import terminal_report
from neuralpde.evaluation.task import Bindable, Task
from neuralpde.evaluation.timing import Timing, time_rollout, wall_time
from neuralpde.evaluation.uncertainty import InputNoise, ModelEnsemble, Sampling, Seeds, Uncertainty, UncertaintyResult, write_uncertainty
from neuralpde.evaluation.verdict import verdict

__all__ = [
    "AccumulatedError",
    "Bindable",
    "ClassicalRun",
    "ClassicalStart",
    "Coarser",
    "Comparison",
    "Criterion",
    "Curve",
    "Evaluation",
    "EvaluationSet",
    "ExactInitial",
    "Example",
    "InputNoise",
    "LastGivenFrame",
    "Mean",
    "Method",
    "Metric",
    "ModelEnsemble",
    "OneStepSpectra",
    "Persistence",
    "Refined",
    "ReportFiles",
    "Result",
    "Sampling",
    "Scores",
    "Seeds",
    "Spectrum",
    "Summary",
    "Task",
    "TimeOfCorrelation",
    "Timing",
    "Uncertainty",
    "UncertaintyResult",
    "Zero",
    "correlation_time_metric",
    "environment",
    "first_predictions",
    "one_step_spectra",
    "standard_metrics",
    "summarise",
    "terminal_report",
    "time_rollout",
    "usual_criterion",
    "verdict",
    "wall_time",
    "write_report",
    "write_uncertainty",
]
