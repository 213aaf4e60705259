"""A model with one weight and hand-computable predictions, and windows for it."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

__all__ = ["Circumstances", "LinearModel", "Window"]


class Window(NamedTuple):
    """Frames ``(batch, time, channel, x)``, time of the last history frame, coefficients."""

    frames: Tensor
    time: Tensor
    coefficients: Tensor


class Circumstances(NamedTuple):
    """What the model was told."""

    time: Tensor
    coefficients: Tensor


class LinearModel(nn.Module):
    """Frame l of a prediction is  wˡ · last frame + t + c,  t the time of the last frame and c the coefficient; remembers every call."""

    def __init__(self, weight: float, *, history: int = 1, horizon: int = 1, dt: float = 0.5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(weight, dtype=torch.float64))
        self.history, self.horizon, self.dt = history, horizon, dt
        self.calls: list[tuple[Tensor, Tensor, bool]] = []

    def conditions(self, time, coefficients, domain, graph=None):
        del domain, graph
        return Circumstances(time, coefficients)

    def forward(self, window, conditions):
        assert window.shape[1] == self.history
        self.calls.append((window.detach().clone(), conditions.time.clone(), torch.is_grad_enabled()))
        shift = (conditions.time + conditions.coefficients.sum(-1)).view(-1, 1, 1, 1)
        return torch.cat([self.weight ** (step + 1) * window[:, -1:] + shift for step in range(self.horizon)], dim=1)
