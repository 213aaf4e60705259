"""Networks, and how they become time steppers."""

from neuralpde.models.ansatz import Constrained, constrain
from neuralpde.models.averaged import Averaged
from neuralpde.models.conditions import Backbone, Conditions
from neuralpde.models.conserving import ConservingDifference
from neuralpde.models.corrected_stepper import CorrectedStepper
from neuralpde.models.deeponet import DeepONet
from neuralpde.models.denoising import Denoising, Diffusion, NoisePrediction, Prediction, Refining, SignalPrediction, VelocityPrediction
from neuralpde.models.dilated_resnet import DilatedResNet
from neuralpde.models.first_guess import CoarseSolver, FirstGuess, TrainedGuess
from neuralpde.models.flow import BoxFlow
from neuralpde.models.fno import FNO
from neuralpde.models.message_passing import MessagePassing
from neuralpde.models.mlp import MLP, BlockFilter, FourierFeatures, Quadratic
from neuralpde.models.neural_stepper import BoundStepper, Difference, Direct, Increments, NeuralStepper, Output
from neuralpde.models.noise_schedules import CosineSchedule, ExponentialBetas, ExponentialVariances, NoiseSchedule
from neuralpde.models.refined_stepper import RefinedStepper, SampledStepper
from neuralpde.models.unet import UNet

__all__ = [
    "FNO",
    "MLP",
    "Averaged",
    "Backbone",
    "BlockFilter",
    "BoundStepper",
    "BoxFlow",
    "CoarseSolver",
    "Conditions",
    "ConservingDifference",
    "Constrained",
    "CorrectedStepper",
    "CosineSchedule",
    "DeepONet",
    "Denoising",
    "Difference",
    "Diffusion",
    "DilatedResNet",
    "Direct",
    "ExponentialBetas",
    "ExponentialVariances",
    "FirstGuess",
    "FourierFeatures",
    "Increments",
    "MessagePassing",
    "NeuralStepper",
    "NoisePrediction",
    "NoiseSchedule",
    "Output",
    "Prediction",
    "Quadratic",
    "RefinedStepper",
    "Refining",
    "SampledStepper",
    "SignalPrediction",
    "TrainedGuess",
    "UNet",
    "VelocityPrediction",
    "constrain",
]
