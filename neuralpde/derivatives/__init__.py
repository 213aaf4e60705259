"""Derivative providers: one contract, several ways to differentiate."""

from neuralpde.derivatives.base import Coefficient, Derivatives, Field
from neuralpde.derivatives.chebyshev import Chebyshev
from neuralpde.derivatives.directions import DirectionLaw, Directions, EveryDirection
from neuralpde.derivatives.estimates import estimator_variance, unbiased_square
from neuralpde.derivatives.finite_difference import FiniteDifference
from neuralpde.derivatives.fourier import Fourier
from neuralpde.derivatives.fourier_symbol import FourierSymbol, symbol
from neuralpde.derivatives.given_operators import GivenOperators
from neuralpde.derivatives.lazy import LazyFourier
from neuralpde.derivatives.lazy_field import LazyField
from neuralpde.derivatives.mixed import clean_slots, partial, partials_from_one_jet, polarisation
from neuralpde.derivatives.operators import biharmonic, contract, differential_operator, diffusion, gradient, laplacian, pure_derivatives, second_order
from neuralpde.derivatives.probe import Analysis, Probe, analyse
from neuralpde.derivatives.random_directions import GaussianDirections, RademacherDirections, SparseDirections
from neuralpde.derivatives.reverse_mode import ReverseMode
from neuralpde.derivatives.sparse_operator import SparseOperator
from neuralpde.derivatives.stochastic import StochasticTaylor
from neuralpde.derivatives.taylor import Jet, collapsed, directional, jet
from neuralpde.derivatives.taylor_mode import TaylorMode
from neuralpde.derivatives.trajectory import Trajectory
from neuralpde.derivatives.weno import Weno

__all__ = [
    "Analysis",
    "Chebyshev",
    "Coefficient",
    "Derivatives",
    "DirectionLaw",
    "Directions",
    "EveryDirection",
    "Field",
    "FiniteDifference",
    "Fourier",
    "FourierSymbol",
    "GaussianDirections",
    "GivenOperators",
    "Jet",
    "LazyField",
    "LazyFourier",
    "Probe",
    "RademacherDirections",
    "ReverseMode",
    "SparseDirections",
    "SparseOperator",
    "StochasticTaylor",
    "TaylorMode",
    "Trajectory",
    "Weno",
    "analyse",
    "biharmonic",
    "clean_slots",
    "collapsed",
    "contract",
    "differential_operator",
    "diffusion",
    "directional",
    "estimator_variance",
    "gradient",
    "jet",
    "laplacian",
    "partial",
    "partials_from_one_jet",
    "polarisation",
    "pure_derivatives",
    "second_order",
    "symbol",
    "unbiased_square",
]
