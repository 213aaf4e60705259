from __future__ import annotations

import math

import pytest
import torch

from neuralpde.models.layers import SpectralConvolution


def dense_reference(layer: SpectralConvolution, v: torch.Tensor) -> torch.Tensor:
    """The published formula with complex numbers: two blocks of rows in 2-D, one in 1-D."""
    weight = torch.view_as_complex(layer.weight.detach())
    space, m = v.shape[2:], layer.num_modes
    v_hat = torch.fft.rfftn(v, dim=tuple(range(2, v.ndim)))
    out = torch.zeros(v.shape[0], weight.shape[2], *v_hat.shape[2:], dtype=v_hat.dtype)
    if len(space) == 1:
        out[..., : m[0]] = torch.einsum("bix,iox->box", v_hat[..., : m[0]], weight[0])
    else:
        out[..., : m[0], : m[1]] = torch.einsum("bixy,ioxy->boxy", v_hat[..., : m[0], : m[1]], weight[0])
        out[..., -m[0] :, : m[1]] = torch.einsum("bixy,ioxy->boxy", v_hat[..., -m[0] :, : m[1]], weight[1])
    return torch.fft.irfftn(out, s=space, dim=tuple(range(2, v.ndim)))


@pytest.mark.parametrize(("space", "modes"), [((16,), (5,)), ((17,), (8,)), ((12, 10), (4, 5)), ((8, 9), (4, 3))])
def test_equals_the_complex_formula(space: tuple[int, ...], modes: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    layer = SpectralConvolution(3, 2, modes).double()
    torch.nn.init.normal_(layer.weight)
    v = torch.randn(2, 3, *space, dtype=torch.float64)
    torch.testing.assert_close(layer(v), dense_reference(layer, v), rtol=1e-12, atol=1e-12)


def test_a_mode_beyond_the_kept_range_is_mapped_to_zero_and_one_inside_is_multiplied() -> None:
    layer = SpectralConvolution(1, 1, (4,)).double()
    x = torch.arange(32, dtype=torch.float64) / 32
    for k in range(12):
        out = layer(torch.cos(2 * math.pi * k * x).view(1, 1, -1)).flatten()
        a, b = layer.weight[0, 0, 0, min(k, 3)].tolist()
        # Re[(a + ib) e^{ikx}]; the imaginary part of the mean is lost
        expected = a * torch.cos(2 * math.pi * k * x) - b * torch.sin(2 * math.pi * k * x) if k < 4 else torch.zeros(32).double()
        torch.testing.assert_close(out, expected, rtol=0, atol=1e-12)


def test_a_finer_grid_gives_the_same_function() -> None:
    torch.manual_seed(0)
    layer = SpectralConvolution(2, 2, (4, 4)).double()

    def apply(n: int) -> torch.Tensor:
        x, y = torch.meshgrid(torch.arange(n).double() / n, torch.arange(n).double() / n, indexing="ij")
        u = torch.sin(2 * math.pi * (x + 2 * y)) + torch.cos(2 * math.pi * 3 * (x - y))
        return layer(torch.stack([u, u * 0 + 1 + x * 0]).unsqueeze(0))

    torch.testing.assert_close(apply(48)[..., ::3, ::3], apply(16), rtol=1e-12, atol=1e-13)


def test_initial_weights() -> None:
    torch.manual_seed(0)
    weight = SpectralConvolution(4, 8, (10, 10)).weight * 32
    assert weight.shape == (2, 4, 8, 10, 10, 2)
    assert 0 <= weight.min() < weight.max() < 1
    assert abs(weight.mean() - 0.5) < 0.01


def test_single_precision_inside_autocast() -> None:
    layer = SpectralConvolution(1, 1, (4,))
    v = torch.randn(1, 1, 16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(layer(v), layer(v))
        assert layer(v.bfloat16()).dtype == torch.float32


def test_too_coarse_a_grid_is_refused() -> None:
    with pytest.raises(ValueError, match="num_modes=9 needs at least 18 points per axis, got 16; lower num_modes or refine the grid"):
        SpectralConvolution(1, 1, (9,))(torch.zeros(1, 1, 16))
