import math

import pytest
import torch
from convergence import slope
from flows import boole, ensemble, square, velocities, vorticities
from gradients import gradient_gap

from neuralpde.derivatives import Fourier, LazyFourier, analyse
from neuralpde.equations import VelocityNavierStokes, VorticityNavierStokes
from neuralpde.grids import Grid
from neuralpde.initial import FixedSeries, KolmogorovForce
from neuralpde.rollout import rollout
from neuralpde.solvers import ExponentialRungeKutta

FORCE = ensemble(KolmogorovForce(0.7, 2.0), 1)
ITS_CURL = ensemble(FixedSeries((-1.4,), (0.0,), ((0.0, 2.0),)), 1)


def test_the_curl_of_its_right_hand_side_is_that_of_the_vorticity_form():
    d = Fourier(square(32), dealias=2 / 3)
    velocity, vorticity = VelocityNavierStokes(0.02, FORCE, 0.1), VorticityNavierStokes(0.02, ITS_CURL, 0.1)
    v, w = velocities(32, 3), vorticities(32, 3)
    torch.testing.assert_close(velocity.vorticity(v, d), w, rtol=0, atol=1e-12)
    torch.testing.assert_close(velocity.vorticity(velocity.rhs(v, d), d), vorticity.rhs(w, d), rtol=0, atol=1e-11)


def test_both_forms_solve_to_the_same_flow():
    grid, d = square(48), Fourier(square(48))
    velocity, vorticity = VelocityNavierStokes(0.01, FORCE, 0.1), VorticityNavierStokes(0.01, ITS_CURL, 0.1)
    v = ExponentialRungeKutta(velocity, grid, 1.0, substeps=50)(velocities(48, 2))
    w = ExponentialRungeKutta(vorticity, grid, 1.0, substeps=50)(vorticities(48, 2))
    assert (velocity.vorticity(v, d) - w).abs().max() < 1e-8 * w.abs().max()
    assert (w - vorticities(48, 2)).abs().max() > 0.5 * w.abs().max(), "the flow must have moved for the agreement to mean anything"
    assert d.div(d.split(v)).abs().max() < 1e-11


def test_taylor_green_vortices_decay_exactly():
    equation, grid = VelocityNavierStokes(0.05, 0.0, 0.1), square(32)
    x, y = Fourier(grid).x
    frames = rollout(ExponentialRungeKutta(equation, grid, 0.5, substeps=5), equation.exact(0.0, x, y, 2.0).unsqueeze(1), 4)
    for i in range(4):
        torch.testing.assert_close(frames[:, i], equation.exact(0.5 * (i + 1), x, y, 2.0), rtol=0, atol=1e-10)


def test_fourth_order_in_time():
    equation, grid, v = VelocityNavierStokes(0.02, FORCE, 0.1), square(32), velocities(32, 1)
    reference = ExponentialRungeKutta(equation, grid, 0.5, substeps=160)(v)
    counts = (10, 20, 40)
    errors = [float((ExponentialRungeKutta(equation, grid, 0.5, substeps=n)(v) - reference).abs().max()) for n in counts]
    assert -slope(counts, errors) == pytest.approx(4, abs=0.15)


def test_energy_budget():
    """dE/dt = −2νZ − 2μE + ⟨f·v⟩ with E = ⟨v²⟩/2 and Z = ⟨ω²⟩/2, integrated along a solution."""
    equation, grid, num = VelocityNavierStokes(0.02, FORCE, 0.1), square(48), 80
    d, v = Fourier(grid), Fourier(grid, dealias=2 / 3).filter(velocities(48, 2))
    frames = torch.cat([v.unsqueeze(1), rollout(ExponentialRungeKutta(equation, grid, 1.0 / num, substeps=2), v.unsqueeze(1), num)], dim=1)
    flat = frames.flatten(0, 1)
    energy = flat.square().sum(1).mean((1, 2)) / 2
    enstrophy = equation.vorticity(flat, d).square().mean((1, 2, 3)) / 2
    work = (d.lift(FORCE) * flat).sum(1).mean((1, 2))
    rates = (-2 * 0.02 * enstrophy - 2 * 0.1 * energy + work).reshape(2, num + 1).T
    energy = energy.reshape(2, num + 1)
    gained, expected = energy[:, -1] - energy[:, 0], boole(rates, 1.0 / num)
    assert ((gained - expected).abs() / boole(rates.abs(), 1.0 / num)).max() < 1e-6


def test_a_force_with_a_potential_moves_nothing():
    grid = square(16)
    potential = VelocityNavierStokes(0.01, lambda d: d.join(torch.sin(d.x[0]) * torch.cos(d.x[1]), torch.cos(d.x[0]) * torch.sin(d.x[1])))
    at_rest = torch.zeros(1, 2, 16, 16, dtype=torch.float64)
    assert potential.rhs(at_rest, Fourier(grid)).abs().max() < 1e-14
    assert ExponentialRungeKutta(potential, grid, 1.0)(at_rest).abs().max() < 1e-14


def test_the_mean_flow_feels_mean_force_and_drag_only():
    equation = VelocityNavierStokes(0.01, lambda d: d.join(0.3 + torch.sin(d.x[1]), 0.0 * d.x[0]), 0.5)
    v = velocities(16, 1, max_mode=4) + torch.tensor([1.0, -2.0], dtype=torch.float64).view(1, 2, 1, 1)
    final = ExponentialRungeKutta(equation, square(16), 1.0, substeps=20)(v).mean((2, 3))[0]
    decay = math.exp(-0.5)
    torch.testing.assert_close(final, torch.tensor([decay + 0.6 * (1 - decay), -2 * decay], dtype=torch.float64), rtol=1e-7, atol=0)


def test_the_lazy_provider_agrees_with_the_plain_one():
    plain, lazy = Fourier(square(24), dealias=2 / 3), LazyFourier(square(24), dealias=2 / 3)
    equation = VelocityNavierStokes(torch.tensor([0.01, 0.1], dtype=torch.float64), FORCE, 0.1)
    v = plain.filter(torch.randn(2, 2, 24, 24, generator=torch.Generator().manual_seed(0), dtype=torch.float64))
    found = lazy.values(lazy.transform(equation.on(lazy).nonlinear(lazy.field(values=v), lazy)))
    torch.testing.assert_close(found, equation.on(plain).nonlinear(v, plain), rtol=0, atol=1e-12)


def test_gradients_pass_through_the_solver():
    grid, v = square(12), velocities(12, 2, max_mode=3)
    assert gradient_gap(ExponentialRungeKutta(VelocityNavierStokes(0.05, FORCE, 0.1), grid, 0.2, substeps=3), v) < 1e-6
    viscosity = torch.tensor([0.05, 0.1], dtype=torch.float64)
    assert gradient_gap(lambda nu: ExponentialRungeKutta(VelocityNavierStokes(nu, FORCE, nu), grid, 0.2, substeps=3)(v), viscosity) < 1e-6


def test_analysis_sees_the_pressure():
    assert analyse(VelocityNavierStokes(0.1), 2).nonlocal_leaves == ("poisson_0",)


def test_needs_two_dimensions():
    with pytest.raises(ValueError, match="VelocityNavierStokes: needs 2 space dimensions, got 1; use a grid with two axes"):
        VelocityNavierStokes().rhs(torch.zeros(1, 2, 8), Fourier(Grid((8,))))
