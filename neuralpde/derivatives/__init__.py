"""Derivative providers: one contract, several ways to differentiate."""

from neuralpde.derivatives.base import Coefficient, Derivatives, Field
from neuralpde.derivatives.chebyshev import Chebyshev
from neuralpde.derivatives.finite_difference import FiniteDifference
from neuralpde.derivatives.fourier import Fourier
from neuralpde.derivatives.fourier_symbol import FourierSymbol, symbol
from neuralpde.derivatives.lazy import LazyFourier
from neuralpde.derivatives.lazy_field import LazyField
from neuralpde.derivatives.probe import Analysis, Probe, analyse
from neuralpde.derivatives.reverse_mode import ReverseMode
from neuralpde.derivatives.trajectory import Trajectory
from neuralpde.derivatives.weno import Weno

__all__ = [
    "Analysis",
    "Chebyshev",
    "Coefficient",
    "Derivatives",
    "Field",
    "FiniteDifference",
    "Fourier",
    "FourierSymbol",
    "LazyField",
    "LazyFourier",
    "Probe",
    "ReverseMode",
    "Trajectory",
    "Weno",
    "analyse",
    "symbol",
]
