from __future__ import annotations

import pytest
import torch
from model_harness import ModelHarness, awaken, conditions_on, parameter_count, random_frames, roll

from neuralpde.grids import Grid
from neuralpde.models import Conditions, UNet


class TestUNet(ModelHarness):
    def build(self, in_channels: int, out_channels: int, ndim: int, num_coefficients: int) -> UNet:
        return UNet(in_channels, out_channels, ndim=ndim, num_coefficients=num_coefficients, hidden_channels=8, ch_mults=(1, 2, 2), level=True)


@pytest.mark.parametrize(
    ("ndim", "in_channels", "out_channels", "num_coefficients", "count"),
    [
        (1, 2, 1, 2, 53_924_225),  # two frames in, conditioned on the level and two parameters
        (1, 2, 1, 3, 54_006_657),
        (1, 1, 1, 2, 53_924_033),
        (2, 4, 2, 0, 146_512_066),  # two frames of two fields in, conditioned on the level alone
    ],
)
def test_published_parameter_counts(ndim: int, in_channels: int, out_channels: int, num_coefficients: int, count: int) -> None:
    with torch.device("meta"):
        model = UNet(in_channels, out_channels, ndim=ndim, num_coefficients=num_coefficients, level=True)
    assert parameter_count(model) == count


def test_published_parts() -> None:
    with torch.device("meta"):
        model = UNet(2, 1, ndim=1, num_coefficients=2, level=True)
    assert [parameter_count(e) for e in model.embeddings] == [82_432] * 3
    assert [parameter_count(block) for level in model.down for block in level] == [41_408, 41_408, 115_584, 131_968, 395_008, 460_544, 4_463_104, 6_560_768]
    assert [parameter_count(d) for d in model.downsamplings] == [12_352, 49_280, 196_864]
    assert parameter_count(model.middle) == 13_121_536
    ups = [parameter_count(block) for level in model.up for block in level]
    assert ups == [11_806_720, 11_806_720, 1_576_960, 788_992, 788_992, 280_064, 214_272, 214_272, 78_592, 62_080, 62_080, 62_080]
    assert [parameter_count(u) for u in model.upsamplings] == [262_400, 65_664, 16_448]


def test_an_untrained_network_returns_zero() -> None:
    model = UNet(2, 1, ndim=1, num_coefficients=0, hidden_channels=8, ch_mults=(1, 2))
    output = model(random_frames(2, 2, 16), conditions_on(Grid((16,)), batch=2))
    assert torch.equal(output, torch.zeros(2, 1, 16))


@pytest.mark.parametrize("ndim", [1, 2])
def test_translation_equivariance_needs_periodic_upsampling(ndim: int) -> None:
    torch.manual_seed(0)
    grid, shifts = Grid((24, 16)[:ndim]), (8, 4)[:ndim]
    conditions = conditions_on(grid, batch=2, dtype=torch.float64)
    frames = random_frames(2, 2, *grid.shape, dtype=torch.float64)
    defects = []
    for periodic_upsampling in (True, False):
        model = UNet(2, 1, ndim=ndim, num_coefficients=0, hidden_channels=8, ch_mults=(1, 2, 2), periodic_upsampling=periodic_upsampling)
        awaken(model).double()
        defects.append((model(roll(frames, shifts), conditions) - roll(model(frames, conditions), shifts)).abs().max().item())
    assert defects[0] < 1e-12
    assert defects[1] > 1e-6


@pytest.mark.parametrize("shape", [(25,), (100,), (13, 10)])
def test_sizes_that_do_not_halve_evenly(shape: tuple[int, ...]) -> None:
    model = UNet(1, 2, ndim=len(shape), num_coefficients=0, hidden_channels=8, ch_mults=(1, 1, 1, 1))
    assert model(random_frames(1, 1, *shape), conditions_on(Grid(shape), batch=1)).shape == (1, 2, *shape)


def test_the_level_matters() -> None:
    torch.manual_seed(0)
    model = awaken(UNet(1, 1, ndim=1, num_coefficients=0, hidden_channels=8, ch_mults=(1, 2), level=True))
    conditions = conditions_on(Grid((16,)), batch=2)
    frames = random_frames(1, 1, 16).expand(2, -1, -1)
    output = model(frames, conditions)
    assert (output[0] - output[1]).abs().max() > 1e-4


def test_errors() -> None:
    grid = Grid((16,), periodic=False)
    conditions = Conditions(torch.zeros(1), torch.zeros(1, 0), grid)
    with pytest.raises(ValueError, match=r"periodic=\(True,\) wraps axis 0, but that axis of the grid is bounded; set periodic to False"):
        UNet(1, 1, ndim=1, num_coefficients=0, hidden_channels=8)(torch.zeros(1, 1, 16), conditions)
    with pytest.raises(ValueError, match=r"level=True needs Conditions.level, got none; set level=False"):
        UNet(1, 1, ndim=1, num_coefficients=0, hidden_channels=8, level=True, periodic=False)(torch.zeros(1, 1, 16), conditions)
