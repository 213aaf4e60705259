import math

import pytest
import torch
from gradients import gradient_gap

from neuralpde.grids import Grid
from neuralpde.resampling import resample, spectral_filter

LENGTH = 2 * math.pi


def test_matching_nodes_are_taken_bit_for_bit():
    values = torch.randn(2, 3, 200, dtype=torch.float64)
    source = Grid(200, 0.0, 16.0)
    assert torch.equal(resample(values, source, Grid(50, 0.0, 16.0)), values[..., ::4])
    bounded = Grid(201, 0.0, 16.0, False)
    values = torch.randn(2, 3, 201)
    assert torch.equal(resample(values, bounded, bounded.resized(51)), values[..., ::4])
    assert torch.equal(resample(values, bounded, bounded), values)


@pytest.mark.parametrize("target", [40, 41, 90, 91, 128])
@pytest.mark.parametrize("source", [64, 65])
def test_band_limited_periodic_fields_are_exact_at_any_resolution(source, target):
    coarse, fine = Grid(source, 0.0, LENGTH), Grid(target, 0.0, LENGTH)

    def field(x):
        return 1.0 + torch.sin(7 * x) + torch.cos(19 * x)

    assert torch.allclose(resample(field(coarse.coordinates()), coarse, fine), field(fine.coordinates()), atol=1e-13)


def test_nyquist_modes_are_split_between_both_signs():
    grid = Grid(8, 0.0, LENGTH)
    finer = Grid(12, 0.0, LENGTH)
    assert torch.allclose(resample(torch.cos(4 * grid.coordinates()), grid, finer), torch.cos(4 * finer.coordinates()), atol=1e-14)
    assert torch.allclose(resample(torch.cos(4 * finer.coordinates()), finer, grid), torch.cos(4 * grid.coordinates()), atol=1e-14)


def test_two_axes_of_different_kind():
    source = Grid((24, 30), (0.0, -1.0), (LENGTH, 1.0), (True, False), ("uniform", "chebyshev"))
    target = Grid((12, 17), (0.0, -1.0), (LENGTH, 1.0), (True, False), ("uniform", "uniform"))

    def field(x, y):
        return torch.sin(3 * x) * y**5 + y**2

    values = resample(field(*source.mesh()).expand(2, 1, 24, 30), source, target)
    assert torch.allclose(values, field(*target.mesh()).expand(2, 1, 12, 17), atol=1e-13)


def test_chebyshev_grids_of_any_size():
    source, target = Grid(200, -8.0, 8.0, False, "chebyshev"), Grid(100, -8.0, 8.0, False, "chebyshev")
    values = torch.exp(-(source.coordinates() ** 2))
    assert torch.allclose(resample(values, source, target), torch.exp(-(target.coordinates() ** 2)), atol=1e-13)
    ends = resample(values, source, target)[[0, -1]]
    assert torch.equal(ends, values[[0, -1]])
    assert resample(values.float(), source, target).dtype == torch.float32


def test_gradients():
    source = Grid(12, -1.0, 1.0, False, "chebyshev")
    values = torch.randn(2, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert gradient_gap(lambda v: resample(v, source, source.resized(7)), values) < 1e-9
    assert gradient_gap(lambda v: resample(v, Grid(12), Grid(7)), values) < 1e-9


def test_refuses_other_boxes_shapes_and_nodes():
    with pytest.raises(ValueError, match="resample: both grids need the same box"):
        resample(torch.zeros(8), Grid(8), Grid(8, 0.0, 2.0))
    with pytest.raises(ValueError, match=r"resample: values need the trailing shape \(8,\), got \(2, 7\)"):
        resample(torch.zeros(2, 7), Grid(8), Grid(4))
    with pytest.raises(ValueError, match="a bounded uniform axis of 8 nodes needs a target whose nodes it contains, got 5 uniform nodes"):
        resample(torch.zeros(8), Grid(8, periodic=False), Grid(5, periodic=False))


def test_spectral_filter_keeps_resolved_modes_and_drops_the_others():
    fine, coarse = Grid((32, 27), 0.0, (LENGTH, 1.0)), Grid((12, 9), 0.0, (LENGTH, 1.0))

    def field(grid, *, everything):
        x, y = grid.mesh()
        resolved = 1.0 + torch.sin(5 * x) * torch.cos(2 * math.pi * 4 * y) + torch.cos(3 * x - 2 * math.pi * y)
        return resolved + everything * (torch.cos(6 * x) + torch.sin(11 * x) + torch.cos(2 * math.pi * 5 * y + x))

    found = spectral_filter(field(fine, everything=True)[None], fine, coarse)
    torch.testing.assert_close(found[0], field(coarse, everything=False), rtol=0, atol=1e-13)
    # Nodes alone would alias: the eleventh mode of 12 points looks like the first.
    assert (field(coarse, everything=True) - field(coarse, everything=False)).abs().max() > 1


def test_spectral_filter_refuses_what_it_cannot_do():
    grid = Grid(16, 0.0, LENGTH)
    for target in (Grid(8), grid.resized(20)):
        with pytest.raises(ValueError, match="spectral_filter: needs periodic axes and a coarser grid of the same box"):
            spectral_filter(torch.zeros(16), grid, target)
    with pytest.raises(ValueError, match="spectral_filter: needs periodic axes"):
        spectral_filter(torch.zeros(17), Grid(17, periodic=False), Grid(9, periodic=False))
