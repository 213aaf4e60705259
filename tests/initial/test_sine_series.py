import math

import pytest
import torch

from neuralpde.derivatives import FiniteDifference, Fourier, ReverseMode, Trajectory
from neuralpde.grids import Grid
from neuralpde.initial import RandomSineSeries, SineSeries, Uniform, stack_draws


def draw(batch, **arguments):
    generator = torch.Generator().manual_seed(0)
    return stack_draws([RandomSineSeries(**arguments)(generator) for _ in range(batch)])


def test_values_by_hand():
    series = SineSeries(*(torch.tensor([row], dtype=torch.float64) for row in ([0.5, -0.2], [0.3, 0.1], [1, 3], [0.7, 0.0])), torch.tensor([16.0]).double())
    d = Fourier(Grid((20,), 0.0, 16.0), t=1.7)
    x = d.x[0]
    expected = 0.5 * torch.sin(0.3 * 1.7 + math.pi / 8 * x + 0.7) - 0.2 * torch.sin(0.1 * 1.7 + 3 * math.pi / 8 * x)
    torch.testing.assert_close(series(d), expected)


def test_one_series_agrees_on_every_provider():
    """Grid, trajectory and reverse mode, the x-derivative included."""
    grid, series = Grid((32,), 0.0, 16.0), draw(3)
    times = torch.linspace(0, 1, 7, dtype=torch.float64)
    frames = Fourier(grid, t=times[2].item())
    values, slopes = frames.lift(series), frames.dx(frames.lift(series))
    torch.testing.assert_close(FiniteDifference(grid, t=times[2].item()).lift(series), values)
    torch.testing.assert_close(Trajectory(Fourier(grid), times).lift(series)[:, 2], values)
    d = ReverseMode.at_points(grid.points().expand(3, -1, -1), times[2].expand(3, 32))
    torch.testing.assert_close(d.lift(series).detach(), values)
    torch.testing.assert_close(d.dx(d.lift(series)).detach(), slopes)


def test_law_keeps_its_ranges():
    series = draw(400)
    assert series.amplitudes.abs().max() <= 0.5 and series.amplitudes.abs().max() > 0.49
    assert series.frequencies.abs().max() <= 0.4 and series.frequencies.min() < -0.39
    assert set(series.wavenumbers.flatten().tolist()) == {1.0, 2.0}
    assert series.phases.min() >= 0 and series.phases.max() < 2 * math.pi
    assert torch.equal(series.length, torch.full((400,), 16.0, dtype=torch.float64))


def test_root_mean_square_is_that_of_the_paper():
    """√(J E[A²]/2) = √(5/24) at any time."""
    u = Fourier(Grid((100,), 0.0, 16.0)).lift(draw(2000))
    assert abs(u.square().mean().sqrt() - math.sqrt(5 / 24)) < 0.01


def test_still_initial_state_with_a_length_per_trajectory():
    series = draw(50, num_terms=10, frequency=0.0, length=Uniform(57.6, 70.4))
    assert torch.count_nonzero(series.frequencies) == 0
    assert series.length.min() > 57.6 and series.length.max() < 70.4 and series.length.std() > 1
    d = Fourier(Grid((64,), 0.0, 64.0))
    torch.testing.assert_close(series(d), series(d.at(9.0)))


def test_no_terms():
    with pytest.raises(ValueError, match="RandomSineSeries: needs num_terms >= 1 and some wavenumbers, got num_terms=0"):
        RandomSineSeries(num_terms=0)
