"""Partial differential equations, each written once, with exact solutions beside them."""

from neuralpde.equations.advection import Advection
from neuralpde.equations.base import Equation
from neuralpde.equations.biharmonic import Biharmonic
from neuralpde.equations.burgers import Burgers
from neuralpde.equations.combined import Combined
from neuralpde.equations.diffusion_sorption import DiffusionSorption
from neuralpde.equations.heat import Heat
from neuralpde.equations.helmholtz import Helmholtz
from neuralpde.equations.kadomtsev_petviashvili import KadomtsevPetviashvili
from neuralpde.equations.korteweg_de_vries import KortewegDeVries
from neuralpde.equations.korteweg_de_vries_2d import KortewegDeVries2d
from neuralpde.equations.kuramoto_sivashinsky import KuramotoSivashinsky
from neuralpde.equations.semilinear import AllenCahn, BackwardAllenCahn, BackwardHeat, BackwardSineGordon, Poisson, Semilinear, SineGordon
from neuralpde.equations.velocity import VelocityNavierStokes
from neuralpde.equations.vorticity import VorticityNavierStokes
from neuralpde.equations.wave import Wave

__all__ = [
    "Advection",
    "AllenCahn",
    "BackwardAllenCahn",
    "BackwardHeat",
    "BackwardSineGordon",
    "Biharmonic",
    "Burgers",
    "Combined",
    "DiffusionSorption",
    "Equation",
    "Heat",
    "Helmholtz",
    "KadomtsevPetviashvili",
    "KortewegDeVries",
    "KortewegDeVries2d",
    "KuramotoSivashinsky",
    "Poisson",
    "Semilinear",
    "SineGordon",
    "VelocityNavierStokes",
    "VorticityNavierStokes",
    "Wave",
]
