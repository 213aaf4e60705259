import pytest
import torch

from neuralpde.boundaries import Dirichlet, Neumann
from neuralpde.constraints import BoundaryRows, InitialRows, Partition, ResidualRows, SpaceTime
from neuralpde.constraints.local_derivatives import LocalDerivatives
from neuralpde.constraints.local_field import Leaf
from neuralpde.equations import Heat
from neuralpde.grids import Grid

BOX = SpaceTime(torch.linspace(0, 1, 5, dtype=torch.float64), Grid((6,), periodic=False))
WHOLE = Partition.uniform(BOX.shape, (1, 1))
HALVES = Partition.uniform(BOX.shape, (1, 2))


def places(family, cut=WHOLE, seed=0):
    points, valid = family.points(BOX, cut, torch.Generator().manual_seed(seed))
    return [sorted((int(p) // 6, int(p) % 6) for p in row[mask]) for row, mask in zip(points, valid.expand_as(points), strict=True)]


def test_where_rows_stand():
    assert places(InitialRows()) == [[(0, x) for x in range(6)]]
    assert places(BoundaryRows(condition=Dirichlet())) == [[(t, 0) for t in range(1, 5)]]
    assert places(BoundaryRows(condition=Dirichlet(), side="upper")) == [[(t, 5) for t in range(1, 5)]]
    assert places(ResidualRows()) == [[(t, x) for t in range(1, 5) for x in range(1, 5)]]
    periodic = SpaceTime(BOX.times, Grid((6,)))
    assert ResidualRows().where(periodic).sum() == 24


def test_draws_are_distinct_inside_the_block_and_repeatable():
    family = ResidualRows(count=5)
    left, right = places(family, HALVES)
    assert len(set(left)) == len(set(right)) == 5
    assert all(x < 3 for _, x in left) and all(x >= 3 for _, x in right)
    assert places(family, HALVES) == [left, right] != places(family, HALVES, seed=1)


def test_draws_cover_the_block_evenly():
    family, counts = ResidualRows(count=4), torch.zeros(30)
    for seed in range(400):
        points, _ = family.points(BOX, WHOLE, torch.Generator().manual_seed(seed))
        counts[points.flatten()] += 1
    inside = ResidualRows().where(BOX).flatten()
    assert counts[~inside].sum() == 0 and (counts[inside] - 100).abs().max() < 4.5 * (100 * 0.75) ** 0.5


def test_mean_square_does_not_depend_on_the_number_of_points():
    for count in (1, 7, None):
        family = ResidualRows(3.0, count=count)
        _, valid = family.points(BOX, HALVES, torch.Generator().manual_seed(0))
        torch.testing.assert_close(family.weights(valid).square().sum(1), torch.full((2,), 9.0, dtype=torch.float64))


def test_values():
    t = torch.linspace(0, 1, 3, dtype=torch.float64).view(1, 1, -1)
    u = Leaf({(0, 0): t, (1, 0): t + 1, (0, 1): t + 2, (0, 2): t + 3})
    d = LocalDerivatives(t, [t])
    equation, initial = Heat(0.5), torch.full_like(t, 0.25)
    torch.testing.assert_close(ResidualRows().values(u, d, equation, initial), t + 1 - 0.5 * (t + 3))
    torch.testing.assert_close(ResidualRows(squared=True).values(u, d, equation, initial), (t + 1 - 0.5 * (t + 3)) ** 2)
    torch.testing.assert_close(InitialRows().values(u, d, equation, initial), t - 0.25)
    torch.testing.assert_close(BoundaryRows(condition=Dirichlet(2.0)).values(u, d, equation, initial), t - 2)
    for side, sign in (("lower", -1), ("upper", 1)):
        torch.testing.assert_close(BoundaryRows(condition=Neumann(), side=side).values(u, d, equation, initial), sign * (t + 2))


def test_bad_use_is_refused():
    with pytest.raises(ValueError, match="drawing 3 points needs a generator"):
        ResidualRows(count=3).points(BOX, WHOLE, None)
    with pytest.raises(ValueError, match=r"every block needs at least one point, got \[4, 0\]"):
        BoundaryRows(condition=Dirichlet(), local=True).points(BOX, HALVES, None)
    with pytest.raises(ValueError, match="needs a boundary condition"):
        BoundaryRows()
