"""A pair of fields whose scores under the definitions of other projects are known to six digits."""

from __future__ import annotations

import math

import torch


def vector() -> tuple[torch.Tensor, torch.Tensor]:
    """Two fields of known scores: shapes (2, 3, 2, 32, 28), three Fourier modes apart."""
    n, t, c = (torch.arange(k, dtype=torch.float64).reshape(shape) for k, shape in ((2, (2, 1, 1, 1, 1)), (3, (1, 3, 1, 1, 1)), (2, (1, 1, 2, 1, 1))))
    i, j = torch.arange(32, dtype=torch.float64)[:, None], torch.arange(28, dtype=torch.float64)
    ref = torch.sin(2 * math.pi * (c + 1) * i / 32 + 0.3 * n) * torch.cos(2 * math.pi * j / 28) + 0.1 * t + 0.5 * c
    return ref + 0.05 * (1 + n) * torch.cos(6 * math.pi * i / 32) + 0.02 * (t + 1) + 0.01 * torch.sin(26 * math.pi * j / 28), ref
