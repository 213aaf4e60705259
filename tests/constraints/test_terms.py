import pytest
import torch

from neuralpde.constraints.space_time import SpaceTime
from neuralpde.constraints.terms import STATE, TermList, repeated
from neuralpde.constraints.time_difference import Central
from neuralpde.derivatives import Fourier
from neuralpde.equations import Burgers, DiffusionSorption, Equation, KuramotoSivashinsky, VelocityNavierStokes, VorticityNavierStokes, Wave
from neuralpde.grids import Grid


def test_slots_are_what_the_equation_needs():
    assert TermList.of(DiffusionSorption(), 1).slots == tuple((STATE, index) for index in [(0, 0), (0, 1), (0, 2), (1, 0)])
    assert (STATE, (0, 4)) in TermList.of(KuramotoSivashinsky(), 1).slots
    flow = TermList.of(VorticityNavierStokes(), 2)
    assert {leaf for leaf, _ in flow.slots} == {STATE, "poisson_0"}
    assert TermList.of(Wave(), 1).num_terms == 2 * len(TermList.of(Wave(), 1).slots)


def test_tables_hold_the_derivatives_of_every_basis_field():
    grid = Grid((16,), 0.0, 6.0)
    where, space = SpaceTime(torch.linspace(0, 1, 6, dtype=torch.float64), grid), Fourier(grid)
    basis = torch.randn(2, 3, 6, 1, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    terms = TermList.of(Burgers(), 1)
    table = terms.tabulate(basis, Burgers(), where, space, Central(2))
    assert table.shape == (2, 3, terms.num_terms, 6, 16)
    for row, (_, index) in enumerate(terms.slots):
        expected = basis[:, :, :, 0]
        if index[0]:
            expected = Central(2)(where.times)(expected, -2)
        expected = space.dx(expected, 0, index[1]) if index[1] else expected
        torch.testing.assert_close(table[:, :, row], expected)


def test_stream_functions_are_recorded_for_each_field():
    grid = Grid((8, 8), 0.0, 6.0)
    where, space = SpaceTime(torch.linspace(0, 1, 4, dtype=torch.float64), grid), Fourier(grid)
    basis = torch.randn(1, 2, 4, 1, 8, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    equation = VorticityNavierStokes(0.1)
    terms = TermList.of(equation, 2)
    _, (psi,) = terms.leaves(terms.tabulate(basis, equation, where, space, Central(2))[:, 1].flatten(2))
    expected = space.dx(space.solve_poisson(-basis[:, 1]), 1).movedim(2, 1).flatten(2)
    torch.testing.assert_close(psi.at((0, 0, 1)), expected)


def test_coefficients_follow_their_sample():
    equation = repeated(Burgers(torch.tensor([0.1, 0.2])), 3)
    assert equation.viscosity.tolist() == pytest.approx([0.1] * 3 + [0.2] * 3)
    assert repeated(Burgers(0.1), 3).viscosity == 0.1


def test_other_non_local_terms_are_refused():
    class Averaged(Equation):
        def nonlinear(self, u, d):
            return d.mean(u) - u

    with pytest.raises(TypeError, match="Averaged needs local terms and solve_poisson only"):
        TermList.of(Averaged(), 1)


def test_a_pressure_is_refused():
    """It is quadratic in the velocity: the pressure of a sum of fields is not the sum of their pressures."""
    with pytest.raises(TypeError, match=r"degree 2 of 2 field\(s\) in VelocityNavierStokes; use a form without them"):
        TermList.of(VelocityNavierStokes(0.1), 2)


def test_the_inverse_of_a_product_is_refused():
    class SelfForced(Equation):
        def nonlinear(self, u, d):
            return d.solve_poisson(u * u) - u

    with pytest.raises(TypeError, match="degree 2 of 1 field"):
        TermList.of(SelfForced(), 1)
