import math

import pytest
import torch
from convergence import slope
from gradients import gradient_gap

from neuralpde.derivatives import FiniteDifference, Fourier, Weno
from neuralpde.equations import Advection, Burgers, Combined, Wave
from neuralpde.grids import Grid
from neuralpde.initial import RandomSineSeries, stack_draws
from neuralpde.rollout import rollout
from neuralpde.solvers import BOGACKI_SHAMPINE, DORMAND_PRINCE, EULER, HEUN, RK4, SSPRK3, SSPRK3_FORWARD, RungeKutta, StepControl

LENGTH = 2 * math.pi
GRID = Grid(32, 0.0, LENGTH)
METHODS = {"euler": EULER, "heun": HEUN, "ssprk3": SSPRK3, "forward": SSPRK3_FORWARD, "rk4": RK4, "bs32": BOGACKI_SHAMPINE, "dp54": DORMAND_PRINCE}


@pytest.fixture(scope="module")
def burgers():
    u = (torch.sin(GRID.coordinates()) + 0.3 * torch.cos(2 * GRID.coordinates()))[None, None]
    return u, RungeKutta(Burgers(0.1), GRID, 0.5, substeps=800)(u)


@pytest.mark.parametrize("tableau", METHODS.values(), ids=METHODS)
def test_order(burgers, tableau):
    u, reference = burgers
    counts = [20, 40, 80] if tableau.order < 5 else [10, 20, 40]
    errors = [float((RungeKutta(Burgers(0.1), GRID, 0.5, substeps=n, tableau=tableau)(u) - reference).abs().max()) for n in counts]
    assert -slope(counts, errors) == pytest.approx(tableau.order, abs=0.25)


@pytest.mark.parametrize("tableau", [BOGACKI_SHAMPINE, DORMAND_PRINCE], ids=["bs32", "dp54"])
@pytest.mark.parametrize("tolerance", [1e-4, 1e-6])
def test_embedded_control_meets_the_tolerance(burgers, tableau, tolerance):
    u, reference = burgers
    solver = RungeKutta(Burgers(0.1), GRID, 0.5, tableau=tableau, control=StepControl(tolerance, tolerance))
    assert float((solver(u) - reference).abs().max()) < 20 * tolerance
    assert solver.statistics.accepted.shape == (1,)
    stages = len(tableau.nodes) - 1
    assert solver.statistics.evaluations == 1 + stages * int(solver.statistics.accepted + solver.statistics.rejected)


def test_forcing_sees_the_time_of_its_own_trajectory():
    generator = torch.Generator().manual_seed(0)
    draws = [RandomSineSeries()(generator) for _ in range(3)]
    alpha = torch.tensor([0.1, 0.5, 5.0], dtype=torch.float64)
    grid, control = Grid(48, 0.0, 16.0), StepControl(1e-9, 1e-9)
    solver = RungeKutta(Combined(alpha, 0.2, 0.0, stack_draws(draws)), grid, 0.3, control=control)
    u = solver.derivatives.lift(stack_draws(draws))
    together = solver(u, 0.5)
    assert len(set(solver.statistics.accepted.tolist())) > 1
    for i in range(3):
        single = RungeKutta(Combined(float(alpha[i]), 0.2, 0.0, stack_draws(draws[i : i + 1])), grid, 0.3, control=control)
        assert torch.allclose(single(u[i : i + 1], 0.5), together[i : i + 1], atol=1e-13)
    fine = RungeKutta(solver.equation, grid, 0.3, substeps=200)
    assert torch.allclose(fine(u, 0.5), together, atol=1e-8)


def test_advection_returns_after_a_period_and_the_periodic_wave_keeps_its_energy():
    u = torch.exp(torch.sin(GRID.coordinates()))[None, None]
    assert torch.allclose(rollout(RungeKutta(Advection(1.0), GRID, LENGTH / 20, control=StepControl(1e-10, 1e-10)), u[:, None], 20)[:, -1], u, atol=1e-8)
    wave = Wave(2.0)
    state = torch.cat([u, torch.zeros_like(u)], dim=1)
    final = RungeKutta(wave, GRID, LENGTH / 2, control=StepControl(1e-10, 1e-10))(state)
    assert torch.allclose(final, state, atol=1e-7)


@pytest.mark.parametrize("provider", [Fourier, FiniteDifference, Weno])
def test_any_provider_conserves_mass(provider):
    u = 0.5 + torch.sin(GRID.coordinates())[None, None]
    final = RungeKutta(Burgers(0.05), GRID, 0.5, derivatives=provider(GRID))(u)
    assert float((final.mean() - u.mean()).abs()) < 1e-14


def test_bounded_grids_default_to_finite_differences():
    assert isinstance(RungeKutta(Burgers(0.1), Grid(16, periodic=False), 0.1).derivatives, FiniteDifference)


def test_gradients_with_fixed_and_with_controlled_steps():
    u = torch.randn(2, 1, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    viscosity, grid = torch.tensor([0.3, 0.5], dtype=torch.float64), Grid(16, 0.0, LENGTH)
    assert gradient_gap(RungeKutta(Burgers(0.3), grid, 0.1, substeps=3), u) < 1e-6
    assert gradient_gap(lambda nu: RungeKutta(Burgers(nu), grid, 0.1, substeps=3)(u), viscosity) < 1e-6
    # The difference quotient also sees the steps change, hence the tight tolerance.
    control = StepControl(1e-10, 1e-10)
    assert gradient_gap(RungeKutta(Burgers(0.3), grid, 0.1, control=control), u) < 1e-4
    assert gradient_gap(lambda nu: RungeKutta(Burgers(nu), grid, 0.1, control=control)(u), viscosity) < 1e-4


def test_refuses_error_control_without_an_embedded_method():
    with pytest.raises(ValueError, match="error control needs a tableau with an embedded method, got one of order 4 without"):
        RungeKutta(Burgers(0.1), GRID, 0.1, tableau=RK4)
    with pytest.raises(ValueError, match="RungeKutta: substeps needs to be at least 1, got 0"):
        RungeKutta(Burgers(0.1), GRID, 0.1, substeps=0)
