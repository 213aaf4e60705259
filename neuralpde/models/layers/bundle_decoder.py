"""From the hidden features of a node to a bundle of frames."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from neuralpde.models.layers.pointwise import pointwise_linear

__all__ = ["BundleDecoder", "bundle_kernels"]

_PUBLISHED = {(128, 20): (15, 4, 10), (128, 25): (16, 3, 14), (128, 50): (12, 2, 10)}


def bundle_kernels(hidden: int, horizon: int) -> tuple[int, int, int]:
    """Kernel and stride of the first convolution and kernel of the second, which take ``hidden`` values to exactly ``horizon``.

    The published ones for 128 features and 20, 25 or 50 frames. Otherwise the second kernel has 10 taps, the stride is the largest that
    leaves the first kernel 12 taps or more, and that kernel covers what remains; where not even stride 1 leaves so many, both kernels share
    the ``hidden − horizon + 2`` taps there are.

    Raises:
        ValueError: more frames than hidden features.
    """
    if (hidden, horizon) in _PUBLISHED:
        return _PUBLISHED[hidden, horizon]
    if horizon > hidden:
        raise ValueError(f"BundleDecoder: {horizon} frames need at least as many hidden features, got {hidden}; raise hidden or lower the horizon.")
    second = 10
    stride = (hidden - 12) // (horizon + second - 2)
    if stride < 1:
        second, stride = min(10, (hidden - horizon) // 2 + 1), 1
    return hidden - stride * (horizon + second - 2), stride, second


class BundleDecoder(nn.Module):
    """Two convolutions along the features of a node, read as a signal of length ``hidden``, whose output samples are the frames.

    Neighbouring frames see neighbouring features, which makes the bundle smooth in time; the weights are shared by all nodes.

    Args:
        hidden: features per node.
        horizon: frames.
        fields: fields per frame.

    Shape: ``(nodes, batch, hidden)`` → ``(nodes, batch, horizon * fields)``, time slowest.

    Reference: Brandstetter, Worrall & Welling, "Message Passing Neural PDE Solvers", 2022, section 3.2.
    """

    def __init__(self, hidden: int, horizon: int, fields: int = 1) -> None:
        super().__init__()
        first, stride, second = bundle_kernels(hidden, horizon)
        self.hidden = hidden
        self.conv_in = nn.Conv1d(1, 8, first, stride=stride)
        self.conv_out = nn.Conv1d(8, fields, second)

    def forward(self, h: Tensor) -> Tensor:
        """See the class."""
        with torch.autocast(h.device.type, enabled=False):  # the increments of the solution deserve float32
            h = h.to(torch.promote_types(h.dtype, torch.float32))
            first, bias = _as_matrix(self.conv_in, self.hidden)
            signal = F.silu(pointwise_linear(h, first.flatten(1).t(), bias.repeat_interleave(first.shape[2])))
            second, bias = _as_matrix(self.conv_out, first.shape[2])
            return pointwise_linear(signal, second.transpose(1, 2).flatten(1).t(), bias.repeat(second.shape[2]))


def _as_matrix(conv: nn.Conv1d, length: int) -> tuple[Tensor, Tensor]:
    """A convolution of signals of that length as a matrix ``(in_channels * length, out_channels, out_length)``, and its bias.

    It is the image of the unit signals. The nodes are many and their signals short, so that one product with this matrix takes a fraction of
    the time of the convolution.
    """
    size = conv.in_channels * length
    unit = torch.eye(size, device=conv.weight.device, dtype=conv.weight.dtype).view(size, conv.in_channels, length)
    assert conv.bias is not None
    return F.conv1d(unit, conv.weight, stride=conv.stride), conv.bias
