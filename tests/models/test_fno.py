from __future__ import annotations

import pytest
import torch
from model_harness import ModelHarness, awaken, conditions_on, parameter_count, random_frames, roll

from neuralpde.grids import Grid, PointSet
from neuralpde.models import FNO, Conditions


class TestFNO(ModelHarness):
    @pytest.fixture(params=[1, 2, 3])
    def ndim(self, request: pytest.FixtureRequest) -> int:
        return request.param

    def build(self, in_channels: int, out_channels: int, ndim: int, num_coefficients: int) -> FNO:
        return FNO(in_channels, out_channels, ndim=ndim, num_coefficients=num_coefficients, num_modes=3, width=12, num_layers=2, projection=32, time=True)


def test_published_parameter_counts() -> None:
    with torch.device("meta"):
        line = FNO(1, 1, ndim=1, num_coefficients=0, num_modes=16, width=64)
        plane = FNO(1, 1, ndim=2, num_coefficients=0, num_modes=12, width=32)
        navier_stokes = FNO(10, 1, ndim=2, num_coefficients=0, num_modes=12, width=20)
    batch_norms = 4 * 2 * 20  # the script behind the third number still had one after each layer
    assert [parameter_count(m) for m in (line, plane, navier_stokes)] == [549_569, 2_368_001, 926_517 - batch_norms]


@pytest.mark.parametrize("ndim", [1, 2])
def test_translation_equivariance_without_coordinates(ndim: int) -> None:
    torch.manual_seed(0)
    grid, shifts = Grid((24, 20)[:ndim]), (5, 3)[:ndim]
    conditions = conditions_on(grid, batch=2, dtype=torch.float64)
    frames = random_frames(2, 2, *grid.shape, dtype=torch.float64)
    defects = []
    for coordinates in (False, True):
        model = awaken(FNO(2, 3, ndim=ndim, num_coefficients=0, num_modes=4, width=8, num_layers=2, coordinates=coordinates)).double()
        defects.append((model(roll(frames, shifts), conditions) - roll(model(frames, conditions), shifts)).abs().max().item())
    assert defects[0] < 1e-12
    assert defects[1] > 1e-6


def test_a_finer_grid_gives_the_same_function() -> None:
    """Without the pointwise nonlinearity in between, one layer on band-limited data is exact on every grid."""
    torch.manual_seed(0)
    model = FNO(1, 1, ndim=1, num_coefficients=0, num_modes=4, width=8, num_layers=1).double()

    def predict(n: int) -> torch.Tensor:
        grid = Grid((n,))
        x = grid.coordinates()
        u = (torch.sin(2 * torch.pi * x) + torch.cos(4 * torch.pi * x)).view(1, 1, n)
        return model(u, conditions_on(grid, batch=1, dtype=torch.float64))

    # The coordinate channel jumps at the seam and is not band-limited: silence it.
    with torch.no_grad():
        model.lifting.weight[:, -1] = 0
    torch.testing.assert_close(predict(64)[..., ::2], predict(32), rtol=1e-12, atol=1e-12)


def test_layers_in_the_published_order() -> None:
    torch.manual_seed(0)
    model, grid = FNO(1, 2, ndim=1, num_coefficients=0, num_modes=3, width=6, num_layers=2), Grid((12,))
    frames = random_frames(2, 1, 12)
    v = model.lifting(torch.cat([frames, (torch.arange(12) / 12).expand(2, 1, 12)], dim=1))
    v = torch.nn.functional.gelu(model.spectral[0](v) + model.pointwise[0](v))
    v = model.spectral[1](v) + model.pointwise[1](v)  # no activation after the last layer
    hidden = torch.nn.functional.gelu(model.projection[0](v))
    torch.testing.assert_close(model(frames, conditions_on(grid, batch=2)), model.projection[2](hidden))


def test_coordinates_enter_scaled_to_the_unit_box() -> None:
    model = FNO(1, 1, ndim=2, num_coefficients=0, num_modes=2, width=4)
    captured: list[torch.Tensor] = []
    model.lifting.register_forward_pre_hook(lambda _, inputs: captured.append(inputs[0]))
    grid = Grid((5, 8), lower=(-1.0, 3.0), upper=(1.0, 7.0), periodic=(False, True))
    model(torch.zeros(1, 1, 5, 8), conditions_on_bounded(grid))
    torch.testing.assert_close(captured[0][0, 1], torch.linspace(0, 1, 5)[:, None].expand(5, 8))
    torch.testing.assert_close(captured[0][0, 2], (torch.arange(8) / 8).expand(5, 8))


def conditions_on_bounded(grid: Grid) -> Conditions:
    return Conditions(torch.zeros(1), torch.zeros(1, 0), grid)


def test_padding_separates_the_ends_of_a_bounded_axis() -> None:
    """The last point of a padded axis is no longer the neighbour of the first."""
    torch.manual_seed(0)
    grid = Grid((32,), periodic=False)
    frames = torch.zeros(1, 1, 32, dtype=torch.float64)
    frames[..., -1] = 1.0
    influence = []
    for padding in (0, 16):
        model = FNO(1, 1, ndim=1, num_coefficients=0, num_modes=16, width=4, num_layers=1, padding=padding).double()
        with torch.no_grad():  # a smooth kernel of short range: equal real weights on all modes are a narrow peak
            model.spectral[0].weight[..., 0] = 1.0
            model.spectral[0].weight[..., 1] = 0.0
        zero = model(torch.zeros_like(frames), conditions_on_bounded(grid))
        change = (model(frames, conditions_on_bounded(grid)) - zero).abs()
        influence.append((change[..., 0] / change.max()).item())
        assert change.shape == frames.shape
    assert influence[1] < 0.2 * influence[0]


def test_errors() -> None:
    model = FNO(1, 1, ndim=1, num_coefficients=0, num_modes=8, width=4)
    with pytest.raises(ValueError, match=r"num_modes=8 needs at least 16 points per axis, got 12; lower num_modes or refine"):
        model(torch.zeros(1, 1, 12), conditions_on_bounded(Grid((12,))))
    with pytest.raises(ValueError, match="expected a Grid, got a PointSet; use a model for graphs"):
        model(torch.zeros(1, 1, 20), Conditions(torch.zeros(1), torch.zeros(1, 0), PointSet(torch.rand(20, 1))))
    with pytest.raises(ValueError, match=r"num_modes needs one entry per axis \(2\), got 3"):
        FNO(1, 1, ndim=2, num_coefficients=0, num_modes=(4, 4, 4))
