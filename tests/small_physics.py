"""A tiny physics-informed training: Poisson's equation in the unit disc."""

from functools import partial

import torch

from neuralpde.equations import Poisson
from neuralpde.losses import ByReverseMode, MeanSquare, PhysicsLoss
from neuralpde.models import MLP, constrain
from neuralpde.modules import PhysicsInformed, TrainingPoints
from neuralpde.problems import EllipticBall, TwoBody


def small_module() -> PhysicsInformed:
    problem = EllipticBall(Poisson(), TwoBody(2))
    network = constrain(problem, MLP(2, width=6))
    return PhysicsInformed(problem, network, PhysicsLoss(MeanSquare(ByReverseMode())), points=TrainingPoints(8), optimizer=partial(torch.optim.Adam, lr=1e-3))
