import math

import pytest
import torch
from convergence import slope
from gradients import gradient_gap

from neuralpde.derivatives import Fourier
from neuralpde.equations import Burgers, Combined, Heat, KortewegDeVries, KuramotoSivashinsky, VorticityNavierStokes, Wave
from neuralpde.grids import Grid
from neuralpde.initial import RandomSineSeries, stack_draws
from neuralpde.rollout import rollout
from neuralpde.solvers import RK4, ExponentialRungeKutta, RungeKutta

LENGTH = 2 * math.pi


@pytest.fixture(scope="module")
def chaos():
    """A developed state of Kuramoto–Sivashinsky on [0, 32π), and the state half a unit of time later."""
    equation, grid = KuramotoSivashinsky(1.0), Grid(96, 0.0, 32 * math.pi)
    x = grid.coordinates()[None, None]
    start = ExponentialRungeKutta(equation, grid, 40.0, substeps=400)(torch.cos(x / 16) * (1 + torch.sin(x / 16)))
    return equation, grid, start, ExponentialRungeKutta(equation, grid, 0.5, substeps=1600)(start)


@pytest.mark.parametrize(("order", "counts"), [(1, (40, 80, 160)), (2, (40, 80, 160)), (3, (80, 160, 320)), (4, (40, 80, 160))])
def test_order_on_kuramoto_sivashinsky(chaos, order, counts):
    equation, grid, start, reference = chaos
    errors = [float((ExponentialRungeKutta(equation, grid, 0.5, substeps=n, order=order)(start) - reference).abs().max()) for n in counts]
    assert -slope(counts, errors) == pytest.approx(order, abs=0.15)


def test_korteweg_de_vries_soliton():
    equation, grid = KortewegDeVries(1.0), Grid(256, -20.0, 20.0)
    x = grid.coordinates()[None, None]
    final = ExponentialRungeKutta(equation, grid, 1.0, substeps=400)(equation.exact(0.0, x, 4.0))
    assert float((final - equation.exact(1.0, x, 4.0)).abs().max()) < 1e-6
    assert float((final.mean() - equation.exact(0.0, x, 4.0).mean()).abs()) < 1e-15


@pytest.mark.parametrize(("shape", "wavenumbers"), [((16,), (3,)), ((16, 12), (3, -2)), ((8, 10, 12), (1, 2, 3))])
def test_linear_equations_are_exact_in_any_dimension(shape, wavenumbers):
    grid, t = Grid(shape, 0.0, LENGTH), 0.3
    phase = sum(k * x for k, x in zip(wavenumbers, grid.mesh(), strict=True))
    u = torch.sin(phase)[None, None]
    decay = math.exp(-0.2 * sum(k * k for k in wavenumbers) * t)
    assert torch.allclose(ExponentialRungeKutta(Heat(0.2), grid, t)(u), decay * u, atol=1e-14)


def test_taylor_green_vortices():
    equation, grid = VorticityNavierStokes(0.05), Grid((32, 32), 0.0, LENGTH)
    u = equation.exact(0.0, *grid.mesh(), 2.0)[None, None]
    final = ExponentialRungeKutta(equation, grid, 1.0, substeps=10)(u)
    assert torch.allclose(final[0, 0], equation.exact(1.0, *grid.mesh(), 2.0), atol=1e-12)


@pytest.mark.parametrize(("equation", "shape"), [(VorticityNavierStokes(0.02), (24, 24)), (Burgers(0.2), (12, 12, 12))], ids=["vorticity 2-D", "Burgers 3-D"])
def test_agrees_with_explicit_steps_on_plain_fourier_fields(equation, shape):
    grid = Grid(shape, 0.0, LENGTH)
    u = sum(torch.sin(x + 0.3 * i) * torch.cos(grid.mesh()[i - 1]) for i, x in enumerate(grid.mesh()))[None, None]
    exponential = ExponentialRungeKutta(equation, grid, 0.1, substeps=10)
    explicit = RungeKutta(equation, grid, 0.1, substeps=40, tableau=RK4)
    assert torch.allclose(exponential(u), explicit(exponential.derivatives.filter(u)), atol=1e-7)


def test_products_are_free_of_aliasing():
    # sin 5x squared is cos 10x, which 16 points cannot hold: it must vanish instead of returning as cos 6x.
    grid = Grid(16, 0.0, LENGTH)
    u = torch.sin(5 * grid.coordinates())[None, None]
    final = ExponentialRungeKutta(Combined(1.0, 0.0, 0.0), grid, 0.1)(u)
    assert torch.allclose(final, u, atol=1e-15)
    aliased = ExponentialRungeKutta(Combined(1.0, 0.0, 0.0), grid, 0.1, dealias=1.0)(u)
    assert float((aliased - u).abs().max()) > 0.1


def _draws(batch):
    generator = torch.Generator().manual_seed(0)
    return [RandomSineSeries()(generator) for _ in range(batch)]


def test_batch_equals_single_trajectories_with_mixed_coefficients():
    grid, draws = Grid(64, 0.0, 16.0), _draws(3)
    beta = torch.tensor([0.1, 0.3, 0.2], dtype=torch.float64)
    solver = ExponentialRungeKutta(Combined(0.5, beta, 0.1 * beta, stack_draws(draws)), grid, 0.1, substeps=2)
    start = solver.derivatives.lift(stack_draws(draws))
    together = solver(start, 0.7)
    for i in range(3):
        b = float(beta[i])
        single = ExponentialRungeKutta(Combined(0.5, b, 0.1 * b, stack_draws(draws[i : i + 1])), grid, 0.1, substeps=2)
        assert torch.allclose(single(start[i : i + 1], 0.7), together[i : i + 1], atol=1e-14)


def test_forcing_that_depends_on_time_keeps_order_four():
    grid = Grid(24, 0.0, LENGTH)
    equation = Combined(0.5, 0.1, 0.0, lambda d: torch.sin(d.x[0] - 3 * d.t))
    u = torch.cos(grid.coordinates())[None, None]

    def solve(n):
        return ExponentialRungeKutta(equation, grid, 1.0, substeps=n)(u, 0.2)

    reference, counts = solve(1000), [20, 40, 80]
    assert -slope(counts, [float((solve(n) - reference).abs().max()) for n in counts]) == pytest.approx(4, abs=0.15)


def test_gradients_to_state_and_coefficients():
    grid = Grid(16, 0.0, LENGTH)
    u = torch.randn(2, 1, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    viscosity = torch.tensor([0.3, 0.5], dtype=torch.float64)
    assert gradient_gap(ExponentialRungeKutta(Burgers(0.3), grid, 0.2, substeps=3), u) < 1e-7
    assert gradient_gap(lambda nu: ExponentialRungeKutta(Burgers(nu), grid, 0.2, substeps=3)(u), viscosity) < 1e-7
    assert gradient_gap(lambda a: ExponentialRungeKutta(Combined(a, 0.3, 0.1), grid, 0.2, substeps=3)(u), viscosity) < 1e-7


def test_projects_initial_data_as_plain_values_and_keeps_float32():
    solver = ExponentialRungeKutta(Burgers(0.1), Grid(16, 0.0, LENGTH), 0.1)
    values = solver.derivatives.at(0.0).lift(lambda d: torch.sin(d.x[0]))
    assert isinstance(values, torch.Tensor)
    assert solver(values.float()).dtype == torch.float32


def test_refuses_what_it_cannot_do():
    with pytest.raises(ValueError, match="needs substeps >= 1 and an order from 1 to 4, got substeps=1, order=5"):
        ExponentialRungeKutta(Burgers(0.1), Grid(16), 0.1, order=5)
    with pytest.raises(ValueError, match="ExponentialRungeKutta: the linear part needs to act on every channel alone"):
        ExponentialRungeKutta(Wave(1.0), Grid(16), 0.1)
    with pytest.raises(ValueError, match="every axis of the grid needs to be periodic"):
        ExponentialRungeKutta(Burgers(0.1), Grid(16, periodic=False), 0.1)


def test_divergence_is_one_clear_sentence():
    grid = Grid(64, 0.0, LENGTH)
    solver = ExponentialRungeKutta(Burgers(1e-5), grid, 1.0)
    u = 1e3 * torch.sin(grid.coordinates())[None, None]
    with pytest.raises(
        FloatingPointError, match=r"ExponentialRungeKutta: the state at t = .* needs to be finite, got NaN or infinity; use more than 1 substeps"
    ):
        rollout(solver, u[:, None], 20)


def _statistics(viscosity, lengths, batch, num_points):
    """Standard deviation of u, and of its increments over 0.2, 0.4, 0.8 and 1.6, after a burn-in of 72."""
    generator, frames = torch.Generator().manual_seed(0), []
    for length in lengths:
        draws = [RandomSineSeries(num_terms=10, frequency=0.0, length=length)(generator) for _ in range(batch)]
        grid = Grid(num_points, 0.0, length)
        solver = ExponentialRungeKutta(KuramotoSivashinsky(viscosity), grid, 0.2, substeps=2)
        trajectory = rollout(solver, Fourier(grid).lift(stack_draws(draws))[:, None], 1000)[:, 360:]
        frames.append(trajectory)
    u = torch.cat(frames)
    assert float(u.mean(-1).abs().max()) < 1e-12
    return [float(u.std()), *(float((u[:, lag:] - u[:, :-lag]).std()) for lag in (1, 2, 4, 8))]


def test_kuramoto_sivashinsky_statistics_at_unit_viscosity():
    assert _statistics(1.0, (60.0, 68.0), 16, 128) == pytest.approx([1.32, 0.064, 0.129, 0.256, 0.499], rel=0.03)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("viscosity", "expected"),
    [
        (1.0, [1.32, 0.064, 0.129, 0.256, 0.499]),
        (0.6, [1.70, 0.142, 0.282, 0.554, 1.037]),
        (1.4, [1.14, 0.039, 0.077, 0.154, 0.303]),
    ],
)
def test_kuramoto_sivashinsky_statistics(viscosity, expected):
    """Independent values of an ETDRK4 solution with 16 trajectories, lengths U(57.6, 70.4), burn-in 72 and 128 units measured."""
    assert _statistics(viscosity, (58.4, 60.0, 61.6, 63.2, 64.8, 66.4, 68.0, 69.6), 8, 256) == pytest.approx(expected, rel=0.03)


def test_computes_in_the_precision_of_the_state():
    grid = Grid((24, 24), 0.0, LENGTH)
    solver = ExponentialRungeKutta(VorticityNavierStokes(0.02, lambda d: torch.sin(d.x[0] + d.t)), grid, 0.1, substeps=2)
    u = torch.sin(grid.mesh()[0])[None, None] * torch.cos(grid.mesh()[1])
    single, double = solver(u.float()), solver(u)
    assert single.dtype == torch.float32 and double.dtype == torch.float64
    gap = float((single - double).abs().max())
    assert 1e-9 < gap < 1e-5
