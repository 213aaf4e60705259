from __future__ import annotations

import pytest
import torch

from neuralpde.derivatives import ReverseMode, TaylorMode
from neuralpde.equations import VorticityNavierStokes

POINTS = torch.rand(6, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.fixture(params=["reverse", "taylor"])
def d(request):
    return ReverseMode.at_points(POINTS) if request.param == "reverse" else TaylorMode.at_points(POINTS, equation=VorticityNavierStokes(viscosity=0.1))


def test_a_poisson_problem_becomes_a_defect(d):
    x, y = d.x
    d = d.using(x**2 * y)
    psi = d.solve_poisson(x + y)
    torch.testing.assert_close(d.values(d.dx(psi)), d.values(2 * x * y))
    (defect,) = d.defects
    torch.testing.assert_close(d.values(defect), d.values(2 * y - (x + y)))


def test_copies_start_without_defects(d):
    used = d.using(d.x[0] ** 3)
    used.solve_poisson(d.x[1])
    assert len(used.defects) == 1
    assert used.at(0.5).defects == [] and used.using(d.x[1]).defects == [] and d.defects == []


def test_a_poisson_problem_without_an_output_is_refused(d):
    with pytest.raises(TypeError, match=rf"{type(d).__name__}.*got 0 for call 1"):
        d.solve_poisson(d.x[0])


def test_plain_values_are_refused_and_constants_are_not(d):
    with pytest.raises(TypeError, match=rf"{type(d).__name__}.*silently be zero"):
        d.dx(torch.ones(1, 1, 6, dtype=torch.float64))
    assert not d.dx(torch.ones(1, 1, 1, dtype=torch.float64)).any()


def test_coefficients_that_vary_in_space_must_be_callables(d):
    with pytest.raises(TypeError, match="callable of the provider"):
        d.lift(torch.ones(1, 6, dtype=torch.float64))
    assert d.lift(torch.tensor([2.0])).shape == (1, 1, 1)
