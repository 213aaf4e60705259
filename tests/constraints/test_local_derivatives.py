import functools

import pytest
import torch

from neuralpde.constraints.local_derivatives import LocalDerivatives
from neuralpde.constraints.space_time import SpaceTime
from neuralpde.constraints.terms import TermList
from neuralpde.constraints.time_difference import Central
from neuralpde.derivatives import Fourier, Trajectory
from neuralpde.equations import Advection, Burgers, Combined, Heat, KortewegDeVries, KuramotoSivashinsky, VorticityNavierStokes, Wave
from neuralpde.grids import Grid
from neuralpde.initial import RandomSineSeries

CASES = [
    (Advection((1.5,)), 1),
    (Burgers(torch.tensor([0.1, 0.3], dtype=torch.float64)), 1),
    (Combined(1.0, 0.1, 0.2, forcing=RandomSineSeries(2, length=6.0, frequency=0.0)(torch.Generator().manual_seed(0))), 1),
    (Heat(0.2), 2),
    (KortewegDeVries(), 1),
    (KuramotoSivashinsky(), 1),
    (VorticityNavierStokes(0.1), 2),
    (Wave(2.0), 1),
]


@pytest.mark.parametrize(("equation", "ndim"), CASES, ids=lambda case: type(case).__name__)
def test_residual_at_points_is_that_of_the_grid(equation, ndim):
    """Band-limited fields, so that products are resolved and the two agree to rounding."""
    grid = Grid((24,) * ndim, 0.0, 6.0)
    domain = SpaceTime(torch.linspace(0, 1, 6, dtype=torch.float64), grid)
    generator = torch.Generator().manual_seed(1)
    space = Fourier(grid)
    u = torch.randn(2, 6, len(equation.fields), *grid.shape, generator=generator, dtype=torch.float64)
    u_hat = space.spectrum(u)
    low = functools.reduce(torch.logical_and, [space.power(axis, 2).abs() < 16.0 for axis in range(ndim)])
    u = space.values(u_hat * low)
    expected = equation.residual(u, Trajectory(space, domain.times, order=2)).movedim(2, 1)

    terms = TermList.of(equation, ndim)
    table = terms.tabulate(u.unsqueeze(1), equation, domain, space, Central(2))[:, 0].flatten(2)
    points = torch.randperm(domain.num_points, generator=generator)[:40]
    t, x = domain.coordinates(points)
    state, recorded = terms.leaves(table[..., points])
    d = LocalDerivatives(t[None, None], [c[None, None] for c in x], recorded)
    found = d.values(equation.residual(state, d))
    torch.testing.assert_close(found, expected.flatten(2)[..., points], rtol=1e-10, atol=1e-10 * float(expected.abs().max()))


def test_calls_without_a_record_are_refused():
    d = LocalDerivatives(torch.zeros(1, 1, 2), [torch.zeros(1, 1, 2)])
    with pytest.raises(TypeError, match="got one call too many"):
        d.solve_poisson(0.0)
    with pytest.raises(TypeError, match="split needs the state itself"):
        d.split(torch.zeros(1))
