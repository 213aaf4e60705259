"""What is minimised: norms, and the strategies that apply them to a model and a window of frames."""

from neuralpde.losses.norms import MeanSquared, Norm, RelativeL2, SummedRoot
from neuralpde.losses.objective import Model, Objective, Window, predict, slide
from neuralpde.losses.one_step import OneStep
from neuralpde.losses.pushforward import Pushforward
from neuralpde.losses.unrolled import Unrolled

__all__ = ["MeanSquared", "Model", "Norm", "Objective", "OneStep", "Pushforward", "RelativeL2", "SummedRoot", "Unrolled", "Window", "predict", "slide"]
