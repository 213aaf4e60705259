"""Random inputs: laws of coefficients, initial states and forcings."""

from neuralpde.initial.cosine_series import CosineSeries, RandomCosineSeries
from neuralpde.initial.fixed_series import FixedSeries
from neuralpde.initial.gaussian_field import FourierSeries, GaussianField
from neuralpde.initial.kolmogorov_force import KolmogorovForce, SinusoidalShear
from neuralpde.initial.lattice_series import LatticeSeries
from neuralpde.initial.laws import Choice, Constant, Law, Uniform, stack_draws
from neuralpde.initial.profiles import Profile
from neuralpde.initial.pulse import RandomPulse, TravellingPulse
from neuralpde.initial.random_flow import RandomVelocity, RandomVorticity
from neuralpde.initial.random_lattice import LogNormalSpectrum, PeriodicKernel, RandomLatticeField, RationalSpectrum, Spectrum
from neuralpde.initial.sine_series import RandomSineSeries, SineSeries

__all__ = [
    "Choice",
    "Constant",
    "CosineSeries",
    "FixedSeries",
    "FourierSeries",
    "GaussianField",
    "KolmogorovForce",
    "LatticeSeries",
    "Law",
    "LogNormalSpectrum",
    "PeriodicKernel",
    "Profile",
    "RandomCosineSeries",
    "RandomLatticeField",
    "RandomPulse",
    "RandomSineSeries",
    "RandomVelocity",
    "RandomVorticity",
    "RationalSpectrum",
    "SineSeries",
    "SinusoidalShear",
    "Spectrum",
    "TravellingPulse",
    "Uniform",
    "stack_draws",
]
