import pytest
import torch

from neuralpde.derivatives import ReverseMode
from neuralpde.equations import KadomtsevPetviashvili


def residual(u_of, generator):
    points = (torch.rand(30, 2, generator=generator, dtype=torch.float64) - 0.5) * 8
    d = ReverseMode.at_points(points, torch.rand(30, generator=generator, dtype=torch.float64))
    u = u_of(d)
    return KadomtsevPetviashvili().residual(u, d).abs().max().item(), u


def test_two_solitons_are_a_solution(generator):
    error, u = residual(lambda d: KadomtsevPetviashvili().exact(d.t, *d.x), generator)
    assert error < 1e-11 and 0.4 < u.max() < 1.2


@pytest.mark.parametrize("change", [{"wavenumbers": (1.2, 2.0)}, {"directions": (0.3, -0.1)}])
def test_other_solitons_too(change, generator):
    assert residual(lambda d: KadomtsevPetviashvili().exact(d.t, *d.x, **change), generator)[0] < 1e-10


def test_every_term_counts(generator):
    exact = KadomtsevPetviashvili().exact
    for slower in (lambda d: exact(0.9 * d.t, *d.x), lambda d: exact(d.t, d.x[0], 1.1 * d.x[1]), lambda d: 1.1 * exact(d.t, *d.x)):
        assert residual(slower, generator)[0] > 1e-3
