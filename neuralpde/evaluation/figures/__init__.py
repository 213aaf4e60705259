"""Figures of a report; each function takes a result and returns a matplotlib figure, or None where it has nothing to show."""

from neuralpde.evaluation.figures.canvas import png
from neuralpde.evaluation.figures.correlation_over_time import correlation_over_time
from neuralpde.evaluation.figures.error_against_time import error_against_time
from neuralpde.evaluation.figures.error_over_time import error_over_time
from neuralpde.evaluation.figures.hovmoller import hovmoller
from neuralpde.evaluation.figures.one_step import one_step_error
from neuralpde.evaluation.figures.snapshots import snapshots
from neuralpde.evaluation.figures.spectra import spectra

__all__ = ["correlation_over_time", "error_against_time", "error_over_time", "hovmoller", "one_step_error", "png", "snapshots", "spectra"]
