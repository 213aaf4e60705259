from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from neuralpde.models.layers import SinusoidalEmbedding, constant_channels


def test_constant_channels() -> None:
    values = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    out = constant_channels(values, (3, 5))
    assert out.shape == (2, 2, 3, 5)
    assert torch.equal(out[1, 0], torch.full((3, 5), 3.0))
    assert constant_channels(values[:, :0], (3,)).shape == (2, 0, 3)


def test_cosines_come_first_and_the_periods_grow_geometrically() -> None:
    embedding = SinusoidalEmbedding(8, 16)
    embedding.mlp = nn.Identity()  # type: ignore[assignment]
    number = 3.0
    angles = [number / 10000 ** (j / 4) for j in range(4)]
    expected = torch.tensor([*map(math.cos, angles), *map(math.sin, angles)])
    torch.testing.assert_close(embedding(torch.tensor([number]))[0], expected)


def test_integer_levels_are_accepted() -> None:
    embedding = SinusoidalEmbedding(8, 16)
    torch.testing.assert_close(embedding(torch.tensor([0, 3])), embedding(torch.tensor([0.0, 3.0])))


def test_odd_length_is_refused() -> None:
    with pytest.raises(ValueError, match="channels needs to be even, got 7"):
        SinusoidalEmbedding(7, 16)
