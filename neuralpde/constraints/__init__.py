"""Differentiable solves as layers."""

from neuralpde.constraints.ansatz import Ansatz, ExactEnds, ExactInitial, Free
from neuralpde.constraints.blocks import Blocks, EqualResiduals, EqualSizes
from neuralpde.constraints.conservation import LinearConservation, divergence_free, quadrature
from neuralpde.constraints.constrained_operator import BoundOperator, ConstrainedOperator
from neuralpde.constraints.corrections import corrections
from neuralpde.constraints.equation_family import EquationFamily
from neuralpde.constraints.expert_parallel import ExpertParallel
from neuralpde.constraints.first_weights import Constant, FirstWeights, OneExpert
from neuralpde.constraints.hard_constraint import ConstrainedSolution, HardConstraint
from neuralpde.constraints.partition import Partition
from neuralpde.constraints.probabilistic import Gaussian, condition_on
from neuralpde.constraints.row_system import RowSystem
from neuralpde.constraints.rows import BoundaryRows, InitialRows, ResidualRows, RowFamily
from neuralpde.constraints.space_time import SpaceTime
from neuralpde.constraints.time_axis import TimeAxis
from neuralpde.constraints.time_difference import Backward, Central, TimeDifference
from neuralpde.constraints.weight_solver import FixedWeights, SolveStatistics, WeightSolver

__all__ = [
    "Ansatz",
    "Backward",
    "Blocks",
    "BoundOperator",
    "BoundaryRows",
    "Central",
    "Constant",
    "ConstrainedOperator",
    "ConstrainedSolution",
    "EqualResiduals",
    "EqualSizes",
    "EquationFamily",
    "ExactEnds",
    "ExactInitial",
    "ExpertParallel",
    "FirstWeights",
    "FixedWeights",
    "Free",
    "Gaussian",
    "HardConstraint",
    "InitialRows",
    "LinearConservation",
    "OneExpert",
    "Partition",
    "ResidualRows",
    "RowFamily",
    "RowSystem",
    "SolveStatistics",
    "SpaceTime",
    "TimeAxis",
    "TimeDifference",
    "WeightSolver",
    "condition_on",
    "corrections",
    "divergence_free",
    "quadrature",
]
