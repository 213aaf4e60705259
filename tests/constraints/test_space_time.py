import torch

from neuralpde.constraints import SpaceTime
from neuralpde.grids import Grid

WHERE = SpaceTime(torch.linspace(1, 3, 5, dtype=torch.float64), Grid((4, 6), 0.0, (1.0, 2.0), periodic=(True, False)))


def test_flat_indices_have_the_coordinates_of_the_mesh():
    t, (x, y) = WHERE.coordinates(WHERE.flat())
    assert WHERE.shape == (5, 4, 6) and WHERE.num_points == 120
    grid_x, grid_y = WHERE.grid.mesh()
    assert torch.equal(t, WHERE.times.view(5, 1, 1).expand(5, 4, 6))
    assert torch.equal(x, grid_x.expand(5, 4, 6)) and torch.equal(y, grid_y.expand(5, 4, 6))


def test_as_one_grid():
    grid = WHERE.as_grid()
    assert grid.shape == WHERE.shape and grid.periodic == (False, True, False)
    torch.testing.assert_close(grid.coordinates(0), WHERE.times)
    torch.testing.assert_close(grid.coordinates(2), WHERE.grid.coordinates(1))
