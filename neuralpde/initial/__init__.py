"""Random inputs: laws of coefficients, initial states and forcings."""

from neuralpde.initial.gaussian_field import FourierSeries, GaussianField
from neuralpde.initial.laws import Choice, Constant, Law, Uniform, stack_draws
from neuralpde.initial.profiles import Profile
from neuralpde.initial.pulse import RandomPulse, TravellingPulse
from neuralpde.initial.sine_series import RandomSineSeries, SineSeries

__all__ = [
    "Choice",
    "Constant",
    "FourierSeries",
    "GaussianField",
    "Law",
    "Profile",
    "RandomPulse",
    "RandomSineSeries",
    "SineSeries",
    "TravellingPulse",
    "Uniform",
    "stack_draws",
]
