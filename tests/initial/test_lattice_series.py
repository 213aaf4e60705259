import math

import torch

from neuralpde.derivatives import Fourier, ReverseMode, Trajectory
from neuralpde.grids import Grid
from neuralpde.initial import LatticeSeries, RandomLatticeField, RationalSpectrum, stack_draws

UNIT = (1.0, 2.0)


def series(batch: int, max_mode: int = 3) -> LatticeSeries:
    law = RandomLatticeField(RationalSpectrum(), UNIT, max_mode)
    return stack_draws([law(torch.Generator().manual_seed(i)) for i in range(batch)])


def test_values_are_those_of_the_sum():
    field, d = series(2), Fourier(Grid((5, 7), 0.0, UNIT))
    expected = torch.zeros(2, 1, 5, 7, dtype=torch.float64)
    for i in range(-3, 4):
        for j in range(4):
            phase = 2 * math.pi * (i * d.x[0] / UNIT[0] + j * d.x[1] / UNIT[1])
            a, b = field.cosines[:, :, i + 3, j, None, None], field.sines[:, :, i + 3, j, None, None]
            expected += a * torch.cos(phase) + b * torch.sin(phase)
    torch.testing.assert_close(d.lift(field), expected)


def test_points_and_trajectories_see_the_same_function():
    field, grid = series(2), Grid((6, 8), 0.0, UNIT)
    on_grid = Fourier(grid).lift(field)
    points = ReverseMode.at_points(grid.points().expand(2, -1, -1), torch.zeros(2, grid.num_points, dtype=torch.float64))
    torch.testing.assert_close(points.lift(field), on_grid.flatten(2))
    frames = Trajectory(Fourier(grid), torch.linspace(0, 1, 9, dtype=torch.float64))
    assert torch.equal(frames.lift(field), on_grid.unsqueeze(1))


def test_derivatives_of_points_are_those_of_the_function():
    field, grid = series(1), Grid((16, 16), 0.0, UNIT)
    points = ReverseMode.at_points(grid.points().expand(1, -1, -1), torch.zeros(1, grid.num_points, dtype=torch.float64))
    d = Fourier(grid)
    torch.testing.assert_close(points.laplacian(points.lift(field)), d.laplacian(d.lift(field)).flatten(2), rtol=1e-9, atol=1e-9)


def test_one_and_three_dimensions():
    for lengths in ((2.0,), (1.0, 2.0, 3.0)):
        law = RandomLatticeField(RationalSpectrum(), lengths, 2)
        coarse, fine = (Fourier(Grid((n,) * len(lengths), 0.0, lengths)).lift(law(torch.Generator().manual_seed(0))) for n in (6, 12))
        torch.testing.assert_close(fine[(..., *[slice(None, None, 2)] * len(lengths))], coarse)
        assert coarse.shape == (1, 1, *(6,) * len(lengths)) and coarse.mean().abs() < 1e-15


def test_gradient_to_the_coefficients():
    field, d = series(1, 1), Fourier(Grid((4, 4), 0.0, UNIT))
    parameters = {name: value.clone().requires_grad_() for name, value in field.parameters().items()}
    assert torch.autograd.gradcheck(lambda a, b: d.lift(LatticeSeries(a, b, field.lengths)), (parameters["cosines"], parameters["sines"]))
