"""Figures of a report; each function takes a result and returns a matplotlib figure, or None where it has nothing to show."""

from neuralpde.evaluation.figures.canvas import png
from neuralpde.evaluation.figures.error_against_time import error_against_time
from neuralpde.evaluation.figures.error_over_time import error_over_time
from neuralpde.evaluation.figures.fields import field_panels
from neuralpde.evaluation.figures.spectra import spectra

__all__ = ["error_against_time", "error_over_time", "field_panels", "png", "spectra"]
