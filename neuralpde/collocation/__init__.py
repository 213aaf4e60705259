"""Training points: uniform, evenly spread, or where the residual is large."""

from neuralpde.collocation.flow_sampler import Adversarial, FlowSampler, ResidualFlow
from neuralpde.collocation.refresh import Refresh
from neuralpde.collocation.residual_adaptive import ResidualAdaptive, residual_density
from neuralpde.collocation.sampler import Residual, Sampler, Sobol, Uniform

__all__ = [
    "Adversarial",
    "FlowSampler",
    "Refresh",
    "Residual",
    "ResidualAdaptive",
    "ResidualFlow",
    "Sampler",
    "Sobol",
    "Uniform",
    "residual_density",
]
