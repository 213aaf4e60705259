"""Fully connected networks of coordinates, for physics-informed training."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

__all__ = ["MLP", "BlockFilter", "FourierFeatures", "Quadratic"]


class MLP(nn.Module):
    r"""x ↦ W_L σ(… σ(W₁ x + b₁) …) + b_L (+ skip): a smooth function of coordinates.

    Args:
        in_features: number of coordinates.
        out_features: number of fields.
        width: hidden units per layer.
        hidden_layers: number of hidden layers, at least 1.
        activation: builds σ. It needs as many derivatives as the equation; of a ReLU the second is zero.
        skip: builds a function straight from the coordinates to the output that is added, see :class:`Quadratic`; None for none.
        input_scale: the coordinates are multiplied by it. In a ball of d dimensions single coordinates are of order 1/√d, and units that see numbers so small
            are linear; √d makes them see numbers of order one.
        output_scale: the output of the layers is multiplied by it, for solutions that are not of order one.
        features: maps the coordinates first, see :class:`BlockFilter` and :class:`FourierFeatures`; None takes them as they are.

    Shape: ``(points, in_features)`` → ``(points, out_features)``. Weights are normal with variance 1/fan-in, cut at two standard deviations; biases zero.

    Raises:
        ValueError: no hidden layer.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int = 1,
        *,
        width: int = 128,
        hidden_layers: int = 3,
        activation: Callable[[], nn.Module] = nn.Tanh,
        skip: Callable[[int, int], nn.Module] | None = None,
        input_scale: float = 1.0,
        output_scale: float = 1.0,
        features: Callable[[int], nn.Module] | None = None,
    ) -> None:
        super().__init__()
        if hidden_layers < 1:
            raise ValueError(f"MLP: needs at least one hidden layer, got {hidden_layers}; raise hidden_layers.")
        self.input_scale, self.output_scale = input_scale, output_scale
        self.features = features(in_features) if features is not None else nn.Identity()
        first = getattr(self.features, "out_features", in_features)
        sizes = [first, *[width] * hidden_layers, out_features]
        linear = [nn.Linear(a, b) for a, b in itertools.pairwise(sizes)]
        self.layers = nn.Sequential(*(part for layer in linear[:-1] for part in (layer, activation())), linear[-1])
        self.skip = skip(in_features, out_features) if skip is not None else None
        self._initialise(linear)

    @torch.no_grad()
    def _initialise(self, linear: list[nn.Linear]) -> None:
        for layer in linear:
            std = 1.0 / math.sqrt(layer.in_features)
            nn.init.trunc_normal_(layer.weight, std=std, a=-2 * std, b=2 * std)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Values of all fields."""
        y = self.layers(self.features(x if self.input_scale == 1.0 else self.input_scale * x))
        y = y if self.output_scale == 1.0 else self.output_scale * y
        return y if self.skip is None else y + self.skip(x)


class Quadratic(nn.Module):
    r"""a·x + xᵀ A x per output, zero at the start: the Taylor polynomial of order two that a network then corrects.

    In a ball of many dimensions every coordinate is small, so that a smooth function is nearly this polynomial. Its weights enter linearly and are well
    conditioned, while a network of tanh units learns the quadratic part only slowly.

    Args:
        in_features: d.
        out_features: number of fields.

    Shape: ``(points, d)`` → ``(points, out_features)``.

    Limits: d² weights per field; up to some thousand dimensions.
    """

    def __init__(self, in_features: int, out_features: int = 1) -> None:
        super().__init__()
        self.linear = nn.Parameter(torch.zeros(out_features, in_features))
        self.matrices = nn.Parameter(torch.zeros(out_features, in_features, in_features))

    def forward(self, x: Tensor) -> Tensor:
        """Both parts."""
        squares = [(nn.functional.linear(x, matrix) * x).sum(-1, keepdim=True) for matrix in self.matrices]
        return nn.functional.linear(x, self.linear) + torch.cat(squares, dim=-1)


class BlockFilter(nn.Module):
    r"""One filter for all blocks of consecutive coordinates:  y_j = w · x_{jB … jB+B−1} + b.

    A first layer of d·h weights becomes one of (d/B)·h, so that a million dimensions need megabytes, not gigabytes.

    Args:
        in_features: d, a multiple of ``block``.
        block: B.

    Shape: ``(points, d)`` → ``(points, d/B)``.

    Raises:
        ValueError: d is no multiple of B.

    Limits: the solution is seen through d/B combinations of coordinates only. The filter starts at 1/√B, which keeps the variance.

    Reference: Shi, Hu, Lin & Kawaguchi, Stochastic Taylor derivative estimator, 2024, appendix G.
    """

    def __init__(self, in_features: int, block: int) -> None:
        super().__init__()
        if in_features % block:
            raise ValueError(f"BlockFilter: the number of coordinates needs to be a multiple of block={block}, got {in_features}; choose a divisor.")
        self.block, self.out_features = block, in_features // block
        self.weight = nn.Parameter(torch.randn(1, block) / math.sqrt(block))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        """One number per block."""
        return nn.functional.linear(x.reshape(*x.shape[:-1], self.out_features, self.block), self.weight, self.bias).squeeze(-1)


class FourierFeatures(nn.Module):
    r"""x ↦ (cos Bx, sin Bx) with fixed B ~ N(0, s²), for solutions that oscillate.

    Args:
        in_features: number of coordinates.
        num_frequencies: rows of B; the output has twice as many features.
        scale: s, of the order of the wavenumbers expected; too large a value makes the network fit noise between the points.
        seed: of B, which is stored with the weights.

    Reference: Tancik et al., Fourier features let networks learn high frequency functions in low dimensional domains, 2020.
    """

    frequencies: Tensor

    def __init__(self, in_features: int, num_frequencies: int = 64, scale: float = 1.0, seed: int = 0) -> None:
        super().__init__()
        self.out_features = 2 * num_frequencies
        self.register_buffer("frequencies", scale * torch.randn(num_frequencies, in_features, generator=torch.Generator().manual_seed(seed)))

    def forward(self, x: Tensor) -> Tensor:
        """Cosines, then sines."""
        angle = nn.functional.linear(x, self.frequencies)
        return torch.cat([torch.cos(angle), torch.sin(angle)], dim=-1)
