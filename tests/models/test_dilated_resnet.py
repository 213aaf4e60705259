from __future__ import annotations

import pytest
import torch
from model_harness import ModelHarness, awaken, conditions_on, parameter_count, random_frames, roll

from neuralpde.grids import Grid, PointSet
from neuralpde.models import Conditions, DilatedResNet


class TestDilatedResNet(ModelHarness):
    def build(self, in_channels: int, out_channels: int, ndim: int, num_coefficients: int) -> DilatedResNet:
        return DilatedResNet(in_channels, out_channels, ndim=ndim, num_coefficients=num_coefficients, hidden_channels=16, num_blocks=2)


@pytest.mark.parametrize(("hidden", "norm", "count"), [(48, False, 582_865), (64, False, 1_035_201), (48, True, 582_865 + 28 * 2 * 48)])
def test_published_parameter_counts(hidden: int, norm: bool, count: int) -> None:
    with torch.device("meta"):
        model = DilatedResNet(1, 1, ndim=2, num_coefficients=0, hidden_channels=hidden, norm=norm)
    assert parameter_count(model) == count


@pytest.mark.parametrize("ndim", [1, 2])
@pytest.mark.parametrize("norm", [False, True])
def test_translation_equivariance_of_the_periodic_network(ndim: int, norm: bool) -> None:
    torch.manual_seed(0)
    grid, shifts = Grid((18, 20)[:ndim]), (5, 3)[:ndim]
    conditions = conditions_on(grid, batch=2, dtype=torch.float64)
    frames = random_frames(2, 2, *grid.shape, dtype=torch.float64)
    defects = []
    for periodic in (True, False):
        model = awaken(DilatedResNet(2, 1, ndim=ndim, num_coefficients=0, hidden_channels=8, num_blocks=1, periodic=periodic, norm=norm)).double()
        defects.append((model(roll(frames, shifts), conditions) - roll(model(frames, conditions), shifts)).abs().max().item())
    assert defects[0] < 1e-12
    assert defects[1] > 1e-6


def test_range_is_the_sum_of_the_dilations() -> None:
    """22 cells from one block and one from each of encoder and decoder: 24 to either side."""
    torch.manual_seed(0)
    model = awaken(DilatedResNet(1, 1, ndim=1, num_coefficients=0, hidden_channels=16, num_blocks=1))
    frames = torch.zeros(1, 1, 101, requires_grad=True)
    model(frames, conditions_on(Grid((101,)), batch=1))[0, 0, 50].backward()
    touched = frames.grad[0, 0].nonzero().flatten() - 50
    assert (touched.min(), touched.max()) == (-24, 24)


def test_errors() -> None:
    model = DilatedResNet(1, 1, ndim=1, num_coefficients=0, hidden_channels=8)
    with pytest.raises(ValueError, match=r"a periodic axis needs at least 8 points for this kernel, got 6; lower the dilation or refine"):
        model(torch.zeros(1, 1, 6), conditions_on(Grid((6,)), batch=1))
    with pytest.raises(ValueError, match="expected a Grid, got a PointSet; use a model for graphs"):
        model(torch.zeros(1, 1, 9), Conditions(torch.zeros(1), torch.zeros(1, 0), PointSet(torch.rand(9, 1))))
    with pytest.raises(ValueError, match=r"needs one flag per axis \(1\), got 2"):
        DilatedResNet(1, 1, ndim=1, num_coefficients=0, periodic=(True, False))
