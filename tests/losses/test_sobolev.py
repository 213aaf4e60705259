import math

import pytest
import torch

from neuralpde.losses import RelativeL2, Sobolev


def wave(mode, amplitude, n=32, length=2 * math.pi):
    x = torch.arange(n, dtype=torch.float64) / n * length
    return amplitude * torch.sin(2 * math.pi * mode / length * x).view(1, 1, 1, -1)


def test_order_zero_is_the_relative_l2_error():
    pred, ref = torch.randn(3, 2, 1, 8, 6), torch.randn(3, 2, 1, 8, 6)
    torch.testing.assert_close(Sobolev(0)(pred, ref), RelativeL2()(pred, ref))


@pytest.mark.parametrize(("order", "length"), [(1, 2 * math.pi), (2, 2 * math.pi), (1, 64.0)])
def test_single_waves_by_hand(order, length):
    """An error of 0.1 in mode 5 on a field of 1 in mode 2."""
    norm = [math.sqrt(sum((2 * math.pi * m / length) ** (2 * s) for s in range(order + 1))) for m in (5, 2)]
    ref = wave(2, 1.0, length=length)
    loss = Sobolev(order, length)(ref + wave(5, 0.1, length=length), ref)
    assert loss.item() == pytest.approx(0.1 * norm[0] / norm[1], rel=1e-12)


def test_impossible_settings_are_refused():
    with pytest.raises(ValueError, match=r"needs order >= 0 and length > 0, got -1 and 1\.0"):
        Sobolev(-1, 1.0)
