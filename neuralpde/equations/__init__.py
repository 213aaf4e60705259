"""Partial differential equations, each written once, with exact solutions beside them."""

from neuralpde.equations.advection import Advection
from neuralpde.equations.base import Equation
from neuralpde.equations.burgers import Burgers
from neuralpde.equations.combined import Combined
from neuralpde.equations.heat import Heat
from neuralpde.equations.korteweg_de_vries import KortewegDeVries
from neuralpde.equations.kuramoto_sivashinsky import KuramotoSivashinsky
from neuralpde.equations.vorticity import VorticityNavierStokes
from neuralpde.equations.wave import Wave

__all__ = [
    "Advection",
    "Burgers",
    "Combined",
    "Equation",
    "Heat",
    "KortewegDeVries",
    "KuramotoSivashinsky",
    "VorticityNavierStokes",
    "Wave",
]
