"""Training points: uniform, evenly spread, or where the residual is large."""

from neuralpde.collocation.flow_sampler import Adversarial, FlowSampler, ResidualFlow
from neuralpde.collocation.growing_horizon import GrowingHorizon
from neuralpde.collocation.refresh import Refresh
from neuralpde.collocation.residual_adaptive import ResidualAdaptive, residual_density
from neuralpde.collocation.sampler import Residual, Sampler, Sobol, Uniform, effective_sample_size

__all__ = [
    "Adversarial",
    "FlowSampler",
    "GrowingHorizon",
    "Refresh",
    "Residual",
    "ResidualAdaptive",
    "ResidualFlow",
    "Sampler",
    "Sobol",
    "Uniform",
    "effective_sample_size",
    "residual_density",
]
