"""Layers that the networks are made of."""

from neuralpde.models.layers.bundle_decoder import BundleDecoder, bundle_kernels
from neuralpde.models.layers.convolution import Convolution, Upsampling
from neuralpde.models.layers.edges import edge_sum, mean_over_neighbours
from neuralpde.models.layers.embedding import SinusoidalEmbedding, constant_channels
from neuralpde.models.layers.message import MessageLayer, normalise_nodes
from neuralpde.models.layers.pointwise import pointwise_linear
from neuralpde.models.layers.residual_block import ConditionedBlock
from neuralpde.models.layers.spectral_convolution import SpectralConvolution

__all__ = [
    "BundleDecoder",
    "ConditionedBlock",
    "Convolution",
    "MessageLayer",
    "SinusoidalEmbedding",
    "SpectralConvolution",
    "Upsampling",
    "bundle_kernels",
    "constant_channels",
    "edge_sum",
    "mean_over_neighbours",
    "normalise_nodes",
    "pointwise_linear",
]
