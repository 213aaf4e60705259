"""Classical solvers: steppers that are batched, differentiable and verified by their order."""

from neuralpde.solvers.chebyshev_wave import ChebyshevWave
from neuralpde.solvers.exponential import ExponentialRungeKutta
from neuralpde.solvers.implicit_runge_kutta import ImplicitRungeKutta
from neuralpde.solvers.implicit_tableaus import ESDIRK32, IMPLICIT_EULER, ImplicitTableau
from neuralpde.solvers.integrating_factor import IntegratingFactorRungeKutta
from neuralpde.solvers.runge_kutta import RungeKutta, Statistics
from neuralpde.solvers.step_control import StepControl
from neuralpde.solvers.tableaus import BOGACKI_SHAMPINE, DORMAND_PRINCE, EULER, HEUN, RK4, SSPRK3, SSPRK3_FORWARD, Tableau

__all__ = [
    "BOGACKI_SHAMPINE",
    "DORMAND_PRINCE",
    "ESDIRK32",
    "EULER",
    "HEUN",
    "IMPLICIT_EULER",
    "RK4",
    "SSPRK3",
    "SSPRK3_FORWARD",
    "ChebyshevWave",
    "ExponentialRungeKutta",
    "ImplicitRungeKutta",
    "ImplicitTableau",
    "IntegratingFactorRungeKutta",
    "RungeKutta",
    "Statistics",
    "StepControl",
    "Tableau",
]
