"""Non-linear solvers: batched, with statistics, and differentiable by the implicit function theorem."""

from neuralpde.implicit.nonlinear.base import Iterate, NonlinearSolver, Problem, Solution
from neuralpde.implicit.nonlinear.fixed_point import Anderson, FixedPoint
from neuralpde.implicit.nonlinear.gauss_newton import GaussNewton
from neuralpde.implicit.nonlinear.least_squares import GaussNewtonHessian, LeastSquaresSolver
from neuralpde.implicit.nonlinear.levenberg_marquardt import LevenbergMarquardt
from neuralpde.implicit.nonlinear.newton import Newton
from neuralpde.implicit.nonlinear.normal_equations import Dense, MatrixFree, NormalEquations

__all__ = [
    "Anderson",
    "Dense",
    "FixedPoint",
    "GaussNewton",
    "GaussNewtonHessian",
    "Iterate",
    "LeastSquaresSolver",
    "LevenbergMarquardt",
    "MatrixFree",
    "Newton",
    "NonlinearSolver",
    "NormalEquations",
    "Problem",
    "Solution",
]
