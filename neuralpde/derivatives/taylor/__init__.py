"""Taylor mode: truncated Taylor series through functions and modules."""

from neuralpde.derivatives.taylor.jet import Jet
from neuralpde.derivatives.taylor.series import Series
from neuralpde.derivatives.taylor.transform import collapsed, directional, jet, straight_lines
from neuralpde.derivatives.taylor.truncation import MultiIndex, Truncation
from neuralpde.derivatives.taylor.unit_tangent import UnitTangent
from neuralpde.derivatives.taylor.weights import EqualWeights, Weights

__all__ = ["EqualWeights", "Jet", "MultiIndex", "Series", "Truncation", "UnitTangent", "Weights", "collapsed", "directional", "jet", "straight_lines"]
