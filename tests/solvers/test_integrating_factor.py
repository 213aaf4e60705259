import math

import pytest
import torch
from convergence import slope
from gradients import gradient_gap

from neuralpde.derivatives import Fourier
from neuralpde.equations import Burgers, Combined, Heat
from neuralpde.grids import Grid
from neuralpde.initial import RandomSineSeries, stack_draws
from neuralpde.resampling import resample
from neuralpde.rollout import rollout
from neuralpde.solvers import RK4, SSPRK3, SSPRK3_FORWARD, ExponentialRungeKutta, IntegratingFactorRungeKutta

LENGTH = 2 * math.pi


def _forcing(batch, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return stack_draws([RandomSineSeries()(generator) for _ in range(batch)])


def _averages(values, fine, coarse):
    """Exact averages over the cells of ``coarse`` of the trigonometric polynomial through ``values``."""
    factor = torch.sinc(fine.wavenumbers(half=True) * coarse.spacing[0] / (2 * math.pi))
    return resample(torch.fft.irfft(torch.fft.rfft(values) * factor, n=fine.shape[0]), fine, coarse)


def test_burgers_before_the_shock_is_fifth_order_against_exact_cell_averages():
    equation, t = Combined(0.5, 0.0, 0.0), 0.5
    profile = torch.sin
    fine = Grid(1600, 0.0, LENGTH)
    exact = equation.exact(t, fine.coordinates(), profile)[None, None]
    errors, sizes = [], [50, 100, 200]
    for n in sizes:
        grid = Grid(n, 0.0, LENGTH)
        solver = IntegratingFactorRungeKutta(equation, grid, t, substeps=2 * n)
        u = solver(solver.derivatives.lift(lambda d: profile(d.x[0])))
        errors.append(float((u - _averages(exact, fine, grid)).abs().mean()))
    assert -slope(sizes, errors) > 4.7


def test_viscous_burgers_is_fifth_order_against_cole_hopf():
    equation, t = Burgers(0.1), 1.0
    fine = Grid(1600, 0.0, LENGTH)
    exact = equation.exact(t, fine.coordinates())[None, None]
    errors, sizes = [], [20, 40, 80]
    for n in sizes:
        grid = Grid(n, 0.0, LENGTH)
        solver = IntegratingFactorRungeKutta(equation, grid, t, substeps=2 * n)
        u = solver(solver.derivatives.lift(lambda d: equation.exact(0.0, d.x[0])))
        errors.append(float((u - _averages(exact, fine, grid)).abs().max()))
    assert -slope(sizes, errors) > 4.7


@pytest.mark.parametrize(("tableau", "order"), [(RK4, 4), (SSPRK3_FORWARD, 3)], ids=["rk4", "forward"])
def test_order_in_time_beside_a_stiff_linear_part(tableau, order):
    grid = Grid(32, 0.0, LENGTH)
    equation = Combined(0.5, 0.2, 0.05, lambda d: torch.sin(d.x[0] - d.t))
    start = Fourier(grid).lift(lambda d: torch.cos(d.x[0]))

    def solve(substeps):
        return IntegratingFactorRungeKutta(equation, grid, 1.0, substeps=substeps, tableau=tableau, derivatives=Fourier(grid))(start)

    reference, counts = solve(2000), [50, 100, 200]
    errors = [float((solve(n) - reference).abs().max()) for n in counts]
    assert -slope(counts, errors) == pytest.approx(order, abs=0.15)


def test_shock_moves_at_the_rankine_hugoniot_speed():
    grid = Grid(200, 0.0, 4.0)
    equation, t = Combined(0.5, 0.0, 0.0), 1.0
    solver = IntegratingFactorRungeKutta(equation, grid, t / 50, substeps=2)
    # A jump from 2 to 1 at x = 2, and a fan at x = 0 that has not caught up with it.
    start = solver.derivatives.lift(lambda d: torch.where((d.x[0] > 0) & (d.x[0] < 2.0), 2.0, 1.0).double())
    trajectory = torch.cat([start[:, None], rollout(solver, start[:, None], 50)], dim=1)[0, :, 0]
    mass = trajectory.sum(dim=-1)
    assert float((mass - mass[0]).abs().max() / mass[0]) < 1e-14
    variation = (trajectory - trajectory.roll(1, -1)).abs().sum(dim=-1)
    assert float(variation.max()) < 2.0 * (1 + 1e-3)
    x, final = grid.coordinates(), trajectory[-1]
    window = (x > 2.6) & (x < 3.9)
    # The area above the lower state, behind the fan, locates the front to a fraction of a cell.
    edge = float(x[window][0]) - 0.5 * grid.spacing[0]
    front = edge + float((final[window] - 1.0).sum()) * grid.spacing[0]
    # The quadrature of the initial jump, on a node, gives its cell 5/18 instead of 1/2.
    start_at = 2.0 + (5 / 18 - 1 / 2) * grid.spacing[0]
    assert front == pytest.approx(start_at + equation.shock_speed(2.0, 1.0) * t, abs=0.02 * grid.spacing[0])
    assert int(((final > 1.05) & (final < 1.95) & window).sum()) <= 3


def test_mass_is_kept_to_round_off_for_all_coefficients():
    equation = Combined(torch.tensor([0.5, 3.0, 1.0]), torch.tensor([0.0, 0.2, 0.4]), torch.tensor([0.0, 0.0, 1.0]))
    grid = Grid(100, 0.0, 16.0)
    solver = IntegratingFactorRungeKutta(equation, grid, 0.02, substeps=4)
    start = 1.0 + solver.derivatives.lift(_forcing(3))
    final = rollout(solver, start[:, None], 100)[:, -1]
    assert float((final.mean(-1) - start.mean(-1)).abs().max()) < 1e-13


def test_stiff_combined_equation_converges_to_the_spectral_solution():
    forcing = _forcing(3)
    equation = Combined(torch.tensor([0.4, 2.3, 1.7]), torch.tensor([0.33, 0.3, 0.3]), torch.tensor([0.4, 0.5, 0.9]), forcing)
    fine = Grid(300, 0.0, 16.0)
    spectral = ExponentialRungeKutta(equation, fine, 0.02, substeps=4)
    exact = rollout(spectral, spectral.derivatives.lift(forcing)[:, None], 50)[:, -1]
    errors, sizes = [], [50, 100, 150]
    for n in sizes:
        grid = Grid(n, 0.0, 16.0)
        # Explicit third derivatives would need about γ (π/dx)³ dt / 1.7, some hundred times more steps.
        solver = IntegratingFactorRungeKutta(equation, grid, 0.02, substeps=4)
        final = rollout(solver, solver.derivatives.lift(forcing)[:, None], 50)[:, -1]
        errors.append(float((final - _averages(exact, fine, grid)).abs().mean()))
    assert -slope(sizes, errors) > 4.5
    assert errors[-1] < 1e-5


def test_linear_part_alone_is_exact():
    grid = Grid(16, 0.0, LENGTH)
    u = torch.sin(3 * grid.coordinates())[None, None]
    final = IntegratingFactorRungeKutta(Heat(0.5), grid, 0.7)(u)
    assert torch.allclose(final, math.exp(-0.5 * 9 * 0.7) * u, atol=1e-15)


def test_batch_equals_single_trajectories_with_mixed_coefficients():
    forcing, grid = _forcing(4), Grid(64, 0.0, 16.0)
    alpha, beta, gamma = torch.rand(3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    solver = IntegratingFactorRungeKutta(Combined(alpha, beta, gamma, forcing), grid, 0.1, substeps=4)
    start = solver.derivatives.lift(forcing)
    together = solver(start, 0.3)
    for i in range(4):
        own = stack_draws([draw for j, draw in enumerate(_draws(4)) if j == i])
        single = IntegratingFactorRungeKutta(Combined(float(alpha[i]), float(beta[i]), float(gamma[i]), own), grid, 0.1, substeps=4)
        assert torch.allclose(single(start[i : i + 1], 0.3), together[i : i + 1], atol=1e-13)


def _draws(batch):
    generator = torch.Generator().manual_seed(0)
    return [RandomSineSeries()(generator) for _ in range(batch)]


def test_gradients_to_state_and_coefficients():
    grid, forcing = Grid(32, 0.0, 16.0), _forcing(2)
    start = IntegratingFactorRungeKutta(Combined(), grid, 0.1).derivatives.lift(forcing)
    solver = IntegratingFactorRungeKutta(Combined(1.0, 0.2, 0.3, forcing), grid, 0.2, substeps=4)
    assert gradient_gap(solver, start) < 1e-6
    coefficient = torch.tensor([0.3, 0.5], dtype=torch.float64)
    assert gradient_gap(lambda a: IntegratingFactorRungeKutta(Combined(a, 0.2, 0.3), grid, 0.2, substeps=4)(start), coefficient) < 1e-6
    assert gradient_gap(lambda b: IntegratingFactorRungeKutta(Combined(1.0, b, 0.3), grid, 0.2, substeps=4)(start), coefficient) < 1e-6


def test_float32_states_stay_float32():
    grid = Grid(16, 0.0, LENGTH)
    u = torch.sin(grid.coordinates())[None, None].float()
    assert IntegratingFactorRungeKutta(Burgers(0.1), grid, 0.1)(u).dtype == torch.float32


def test_too_large_a_step_names_the_remedy():
    grid = Grid(100, 0.0, 1.0)
    solver = IntegratingFactorRungeKutta(Combined(0.5, 0.0, 0.0), grid, 0.1)
    u = torch.full((1, 1, 100), 1.0, dtype=torch.float64)
    with pytest.raises(ValueError, match=r"Courant number must not exceed 1.73, got 10 at t = 0.5 with 1 substeps; use 6 substeps or more"):
        solver(u, 0.5)
    assert torch.allclose(IntegratingFactorRungeKutta(Combined(0.5, 0.0, 0.0), grid, 0.1, substeps=6)(u), u)


def test_states_that_are_not_finite_are_refused():
    u = torch.full((1, 1, 16), math.nan, dtype=torch.float64)
    with pytest.raises(FloatingPointError, match="needs to be finite, got NaN or infinity"):
        IntegratingFactorRungeKutta(Combined(), Grid(16), 0.1)(u)


def test_refuses_nodes_that_go_back_beside_diffusion():
    with pytest.raises(ValueError, match="nodes of the tableau must not decrease"):
        IntegratingFactorRungeKutta(Burgers(0.1), Grid(16), 0.1, tableau=SSPRK3)
    IntegratingFactorRungeKutta(Combined(), Grid(16), 0.1, tableau=SSPRK3)
    with pytest.raises(ValueError, match="substeps needs to be at least 1, got 0"):
        IntegratingFactorRungeKutta(Combined(), Grid(16), 0.1, substeps=0)
