from __future__ import annotations

import pytest
import torch

from neuralpde.grids import Grid
from neuralpde.models.layers import Convolution, Upsampling
from neuralpde.models.layers.convolution import check_wrapping, per_axis_flags


def circulant(x: torch.Tensor, weight: torch.Tensor, dilation: int, wraps: bool) -> torch.Tensor:
    """Σ_t w[t] x[j + (t − r) d] for one channel in and out, term by term."""
    n, reach = len(x), len(weight) // 2
    out = torch.zeros_like(x)
    for j in range(n):
        for t, w in enumerate(weight):
            i = j + (t - reach) * dilation
            if wraps or 0 <= i < n:
                out[j] += w * x[i % n]
    return out


@pytest.mark.parametrize("wraps", [True, False])
@pytest.mark.parametrize("dilation", [1, 3])
def test_convolution_equals_its_definition(wraps: bool, dilation: int) -> None:
    torch.manual_seed(0)
    layer = Convolution(1, 1, kernel=5, ndim=1, periodic=wraps, dilation=dilation).double()
    x = torch.randn(11, dtype=torch.float64)
    expected = circulant(x, layer.conv.weight[0, 0], dilation, wraps) + layer.conv.bias
    torch.testing.assert_close(layer(x.view(1, 1, -1))[0, 0], expected)


def test_axes_are_treated_one_by_one() -> None:
    torch.manual_seed(0)
    layer = Convolution(1, 1, kernel=3, ndim=2, periodic=(True, False)).double()
    x = torch.randn(1, 1, 6, 7, dtype=torch.float64)
    padded = torch.nn.functional.pad(torch.cat([x[:, :, -1:], x, x[:, :, :1]], dim=2), (1, 1))
    torch.testing.assert_close(layer(x), torch.nn.functional.conv2d(padded, layer.conv.weight, layer.conv.bias))
    assert (layer(x.roll(2, 2)) - layer(x).roll(2, 2)).abs().max() < 1e-12
    assert (layer(x.roll(2, 3)) - layer(x).roll(2, 3)).abs().max() > 1e-3


@pytest.mark.parametrize("wraps", [True, False])
def test_upsampling_equals_its_definition(wraps: bool) -> None:
    """y[j] = Σ_i x[i] w[j + 1 − 2 i], around the end or not."""
    torch.manual_seed(0)
    layer = Upsampling(1, ndim=1, periodic=wraps).double()
    x, w = torch.randn(5, dtype=torch.float64), layer.conv.weight[0, 0]
    expected = layer.conv.bias.expand(10).clone()
    for i in range(-2, 7):
        for j in range(10):
            if 0 <= j + 1 - 2 * i < 4 and (wraps or 0 <= i < 5):
                expected[j] += x[i % 5] * w[j + 1 - 2 * i]
    torch.testing.assert_close(layer(x.view(1, 1, -1))[0, 0], expected)


def test_stride_halves_rounding_up() -> None:
    layer = Convolution(1, 1, kernel=3, ndim=1, stride=2)
    assert [layer(torch.zeros(1, 1, n)).shape[-1] for n in (8, 9, 25)] == [4, 5, 13]


def test_zeroed() -> None:
    assert torch.equal(Convolution(2, 3, kernel=3, ndim=2).zeroed()(torch.randn(1, 2, 5, 5)), torch.zeros(1, 3, 5, 5))


def test_errors() -> None:
    with pytest.raises(ValueError, match="kernel needs to be odd, got 4; use 5"):
        Convolution(1, 1, kernel=4, ndim=1)
    with pytest.raises(ValueError, match="needs at least 4 points for this kernel, got 3"):
        Convolution(1, 1, kernel=3, ndim=1, dilation=4)(torch.zeros(1, 1, 3))
    with pytest.raises(ValueError, match="wraps axis 1"):
        check_wrapping("UNet", (True, True), Grid((4, 4), periodic=(True, False)))
    check_wrapping("UNet", (False, False), Grid((4, 4)))
    with pytest.raises(ValueError, match="one flag per axis"):
        per_axis_flags((True,), 2)
