"""Networks, and how they become time steppers."""

from neuralpde.models.conditions import Backbone, Conditions
from neuralpde.models.dilated_resnet import DilatedResNet
from neuralpde.models.fno import FNO
from neuralpde.models.message_passing import MessagePassing
from neuralpde.models.neural_stepper import BoundStepper, Difference, Direct, Increments, NeuralStepper, Output
from neuralpde.models.unet import UNet

__all__ = [
    "FNO",
    "Backbone",
    "BoundStepper",
    "Conditions",
    "Difference",
    "DilatedResNet",
    "Direct",
    "Increments",
    "MessagePassing",
    "NeuralStepper",
    "Output",
    "UNet",
]
