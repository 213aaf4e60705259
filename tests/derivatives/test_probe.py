import math

import pytest
import torch
from equation_cases import cases

from neuralpde.derivatives import analyse
from neuralpde.equations import Burgers, Equation, Heat, KuramotoSivashinsky, VelocityNavierStokes, VorticityNavierStokes, Wave
from neuralpde.initial import FourierSeries

EXPECTED = {
    # name: degree, orders per axis, nonlinear part present
    "advection": (0, (1,), False),
    "advection 2d": (0, (1, 1), False),
    "heat": (0, (2,), False),
    "heat 3d": (0, (2, 2, 2), False),
    "burgers": (2, (2,), True),
    "burgers 2d": (2, (2, 2), True),
    "kdv": (2, (3,), True),
    "ks": (2, (4,), True),
    "combined": (2, (3,), True),
    "vorticity": (2, (2, 2), True),
    "velocity": (2, (2, 2), True),
    "wave": (0, (2,), False),
    "wave 2d": (0, (2, 2), False),
}


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_analysis_of_every_equation(case):
    found = analyse(case.equation, case.ndim)
    assert (found.degree, found.orders, found.has_nonlinear) == EXPECTED[case.name]
    assert found.dealias == (2 / 3 if found.degree == 2 else 1.0)


def test_indices_name_the_channel_and_the_derivative():
    assert analyse(Wave()).indices == {("v", (0, 0)), ("u", (0, 2))}
    assert analyse(KuramotoSivashinsky()).indices == {("u", (0, 1)), ("u", (0, 2)), ("u", (0, 4))}


def test_non_local_leaves_are_reported():
    found = analyse(VorticityNavierStokes(0.1, FourierSeries(torch.ones(1, 1), torch.ones(1, 1), torch.ones(1, 1, 2))), 2)
    assert found.nonlocal_leaves == ("poisson_0",)
    assert ("poisson_0", (0, 1, 1)) in found.indices


def reaction(function):
    """An equation whose nonlinear part is any function of u and d."""

    class Reaction(Equation):
        def nonlinear(self, u, d):
            return function(u, d)

    return Reaction()


@pytest.mark.parametrize(
    ("function", "degree"),
    [
        (lambda u, d: u**3 - u, 3),
        (lambda u, d: (1.0 - u) * u, 2),
        (lambda u, d: torch.sin(u), math.inf),
        (lambda u, d: u / (1.0 + u), math.inf),
        (lambda u, d: 1.0 / u, math.inf),
        (lambda u, d: u**0.5, math.inf),
        (lambda u, d: torch.where(u > 0.5, u, 0.0 * u), math.inf),
        (lambda u, d: torch.ones(4) * u * u + torch.ones(4), 2),
        (lambda u, d: d.mean(u * u) * u, 3),
        (lambda u, d: d.dx(u) * d.dx(d.dx(u), order=2), 2),
        (lambda u, d: torch.sin(d.x[0]) + d.t, 0),
        (lambda u, d: 0.0, 0),
    ],
)
def test_degree(function, degree):
    found = analyse(reaction(function))
    assert found.degree == degree
    assert found.has_linear is False
    if degree == math.inf:
        assert found.dealias == 0.5


def test_time_derivatives_and_products_keep_all_indices():
    found = analyse(reaction(lambda u, d: d.dt(u) * d.dx(d.dx(u, 0), 1)), 2)
    assert found.indices == {("u", (1, 0, 0)), ("u", (0, 1, 1))}


@pytest.mark.parametrize(
    ("linear", "found"),
    [
        (lambda u, d: 0.04 * (1.0 - u), "degrees 0 to 1"),
        (lambda u, d: u * u, "degrees 2 to 2"),
        (lambda u, d: d.laplacian(u) + 1.0, "degrees 0 to 1"),
        (lambda u, d: 1.0, "1.0"),
    ],
)
def test_linear_part_that_is_not_linear_is_refused(linear, found):
    """A constant hidden in the linear part, such as the feed of Gray–Scott, would silently spoil the symbol."""

    class Wrong(Heat):
        def linear(self, u, d):
            return linear(u, d)

    with pytest.raises(ValueError, match=f"Wrong.linear: needs to be homogeneous of degree 1 in u, got {found}; move the other terms to nonlinear"):
        analyse(Wrong())


def test_degree_of_what_non_local_operators_act_on():
    assert analyse(VorticityNavierStokes(0.1), 2).nonlocal_degree == 1
    assert analyse(VelocityNavierStokes(0.1), 2).nonlocal_degree == 2
    assert analyse(Burgers(0.1)).nonlocal_degree == 0
