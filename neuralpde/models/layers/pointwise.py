"""The same linear map at every node."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["pointwise_linear"]

_SMALLEST_BATCH = 16  # below it PyTorch sends convolutions of kernel 1 to MKL as well


def pointwise_linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """The linear map  x Wᵀ + b  on the last axis, like ``torch.nn.functional.linear``.

    In float32 on a CPU it is evaluated as a convolution with kernel 1. PyTorch gives that one to oneDNN and a matrix product to MKL, whose
    single precision kernels for these slim matrices are only half as fast on processors that are not Intel's. Nothing else differs.

    Args:
        x: features, ``(nodes, batch, in_features)``.
        weight: W, ``(out_features, in_features)``.
        bias: b, ``(out_features,)``.

    Shape: ``(nodes, batch, in_features)`` → ``(nodes, batch, out_features)``.
    """
    nodes, batch, features = x.shape
    if batch < _SMALLEST_BATCH or x.device.type != "cpu" or x.dtype != torch.float32 or torch.is_autocast_enabled("cpu"):
        return F.linear(x, weight, bias)
    # Any grouping of the rows into images will do; this one moves no memory, since the channels come last.
    images = x.reshape(batch, nodes, 1, features).permute(0, 3, 1, 2)
    return F.conv2d(images, weight[:, :, None, None], bias).permute(0, 2, 3, 1).reshape(nodes, batch, -1)
