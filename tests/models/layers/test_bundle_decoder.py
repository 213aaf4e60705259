from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from neuralpde.models.layers import BundleDecoder, bundle_kernels


@pytest.mark.parametrize(("horizon", "kernels", "between"), [(20, (15, 4, 10), 29), (25, (16, 3, 14), 38), (50, (12, 2, 10), 59)])
def test_published_kernels(horizon: int, kernels: tuple[int, int, int], between: int) -> None:
    assert bundle_kernels(128, horizon) == kernels
    assert (128 - kernels[0]) // kernels[1] + 1 == between


@pytest.mark.parametrize("hidden", [16, 32, 64, 128, 200])
def test_every_horizon_up_to_the_width_is_met_exactly(hidden: int) -> None:
    for horizon in range(1, hidden + 1):
        first, stride, second = bundle_kernels(hidden, horizon)
        assert min(first, stride, second) >= 1
        between = (hidden - first) // stride + 1
        assert between - second + 1 == horizon


@pytest.mark.parametrize("fields", [1, 3])
@pytest.mark.parametrize("horizon", [1, 4, 25])
def test_equals_the_two_convolutions(horizon: int, fields: int) -> None:
    torch.manual_seed(0)
    decoder = BundleDecoder(128, horizon, fields).double()
    h = torch.randn(7, 2, 128, dtype=torch.float64)
    signal = decoder.conv_out(F.silu(decoder.conv_in(h.reshape(14, 1, 128))))  # (nodes * batch, fields, horizon)
    expected = signal.transpose(1, 2).reshape(7, 2, horizon * fields)
    torch.testing.assert_close(decoder(h), expected, rtol=1e-12, atol=1e-12)


def test_keeps_single_precision_under_autocast() -> None:
    decoder = BundleDecoder(32, 5)
    h = torch.randn(3, 2, 32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(decoder(h), decoder(h.clone()))
        assert decoder(h.bfloat16()).dtype == torch.float32
        inside = decoder(h)
    torch.testing.assert_close(inside, decoder(h))


def test_too_long_a_horizon_is_refused() -> None:
    with pytest.raises(ValueError, match="33 frames need at least as many hidden features, got 32; raise hidden or lower the horizon"):
        BundleDecoder(32, 33)
