"""Losses of physics-informed training: residuals, conditions and their weights."""

from neuralpde.losses.physics.causal import Causal, causal_weights
from neuralpde.losses.physics.conditioning import Spectrum, best_weight, condition_number, gram, jacobian, loss_jacobian, loss_spectrum, rescaled
from neuralpde.losses.physics.differentiation import ByReverseMode, ByTaylorMode, Differentiation
from neuralpde.losses.physics.objective import PhysicsLoss
from neuralpde.losses.physics.operators import BiharmonicBy, ByHand, LaplacianBy, Law
from neuralpde.losses.physics.residual_loss import GradientEnhanced, IndependentDraws, MeanSquare, ResidualLoss
from neuralpde.losses.physics.weighting import Fixed, GradientNorm, NeuralTangentTrace, Residuals, Weighting, tangent_trace

__all__ = [
    "BiharmonicBy",
    "ByHand",
    "ByReverseMode",
    "ByTaylorMode",
    "Causal",
    "Differentiation",
    "Fixed",
    "GradientEnhanced",
    "GradientNorm",
    "IndependentDraws",
    "LaplacianBy",
    "Law",
    "MeanSquare",
    "NeuralTangentTrace",
    "PhysicsLoss",
    "ResidualLoss",
    "Residuals",
    "Spectrum",
    "Weighting",
    "best_weight",
    "causal_weights",
    "condition_number",
    "gram",
    "jacobian",
    "loss_jacobian",
    "loss_spectrum",
    "rescaled",
    "tangent_trace",
]
