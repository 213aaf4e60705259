"""Functions F(x, θ) that are zero at a solution: optimality conditions of many problems, for use with ``custom_root``."""

from neuralpde.implicit.optimality.fixed_point import fixed_point_residual
from neuralpde.implicit.optimality.kkt import kkt
from neuralpde.implicit.optimality.projections import project_box, project_l1_ball, project_l2_ball, project_non_negative, project_simplex
from neuralpde.implicit.optimality.proximal import projected_gradient, prox_elastic_net, prox_group_lasso, prox_lasso, prox_ridge, proximal_gradient
from neuralpde.implicit.optimality.stationary import least_squares, stationary

__all__ = [
    "fixed_point_residual",
    "kkt",
    "least_squares",
    "project_box",
    "project_l1_ball",
    "project_l2_ball",
    "project_non_negative",
    "project_simplex",
    "projected_gradient",
    "prox_elastic_net",
    "prox_group_lasso",
    "prox_lasso",
    "prox_ridge",
    "proximal_gradient",
    "stationary",
]
