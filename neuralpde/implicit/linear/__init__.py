"""Linear solvers with one signature, batched, differentiable, and honest about their residual."""

from neuralpde.implicit.linear.base import LinearSolution, LinearSolver, solve_linearised
from neuralpde.implicit.linear.bicgstab import BiCGSTAB
from neuralpde.implicit.linear.conjugate_gradient import CG, NormalCG
from neuralpde.implicit.linear.dense import LU, Cholesky, LeastSquares
from neuralpde.implicit.linear.gmres import GMRES
from neuralpde.implicit.linear.linearisation import JacobianOf, Linear, Linearisation, MatrixOf, Transposed
from neuralpde.implicit.linear.minres import MINRES
from neuralpde.implicit.linear.operator import Operator
from neuralpde.implicit.linear.preconditioner import Dependent, Given, Preconditioner

__all__ = [
    "CG",
    "GMRES",
    "LU",
    "MINRES",
    "BiCGSTAB",
    "Cholesky",
    "Dependent",
    "Given",
    "JacobianOf",
    "LeastSquares",
    "Linear",
    "LinearSolution",
    "LinearSolver",
    "Linearisation",
    "MatrixOf",
    "NormalCG",
    "Operator",
    "Preconditioner",
    "Transposed",
    "solve_linearised",
]
