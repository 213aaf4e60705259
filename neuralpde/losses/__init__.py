"""What is minimised: norms, and the strategies that apply them to a model and a window of frames."""

from neuralpde.losses.constrained import Operator, TrajectoryLoss
from neuralpde.losses.dissipative import Dissipative
from neuralpde.losses.noisy_input import NoisyInput
from neuralpde.losses.norms import MeanSquared, Norm, RelativeL2, SummedRoot
from neuralpde.losses.objective import Model, Objective, Window, predict, slide
from neuralpde.losses.one_step import OneStep
from neuralpde.losses.physics import (
    BiharmonicBy,
    ByHand,
    ByReverseMode,
    ByTaylorMode,
    Causal,
    Differentiation,
    Fixed,
    GradientEnhanced,
    GradientNorm,
    IndependentDraws,
    LaplacianBy,
    MeanSquare,
    NeuralTangentTrace,
    PhysicsLoss,
    ResidualLoss,
    Weighting,
)
from neuralpde.losses.pushforward import Pushforward
from neuralpde.losses.refinement import Refinement
from neuralpde.losses.sobolev import Sobolev
from neuralpde.losses.unrolled import Unrolled
from neuralpde.losses.unrolled_refinement import UnrolledRefinement

__all__ = [
    "BiharmonicBy",
    "ByHand",
    "ByReverseMode",
    "ByTaylorMode",
    "Causal",
    "Differentiation",
    "Dissipative",
    "Fixed",
    "GradientEnhanced",
    "GradientNorm",
    "IndependentDraws",
    "LaplacianBy",
    "MeanSquare",
    "MeanSquared",
    "Model",
    "NeuralTangentTrace",
    "NoisyInput",
    "Norm",
    "Objective",
    "OneStep",
    "Operator",
    "PhysicsLoss",
    "Pushforward",
    "Refinement",
    "RelativeL2",
    "ResidualLoss",
    "Sobolev",
    "SummedRoot",
    "TrajectoryLoss",
    "Unrolled",
    "UnrolledRefinement",
    "Weighting",
    "Window",
    "predict",
    "slide",
]
