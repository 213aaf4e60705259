import math

import pytest
import torch
from convergence import slope
from gradients import gradient_gap

from neuralpde.derivatives.weno import Weno
from neuralpde.grids import Grid
from neuralpde.initial import RandomSineSeries, SineSeries

LENGTH = 2 * math.pi


def _averaged_sine(grid):
    h = grid.spacing[0]
    return (2 / h * math.sin(h / 2) * torch.sin(grid.coordinates()))[None, None]


def test_lift_of_a_callable_is_the_cell_average():
    errors, sizes = [], [10, 20, 40]
    for n in sizes:
        grid = Grid(n, 0.0, LENGTH)
        errors.append(float((Weno(grid).lift(lambda d: torch.sin(d.x[0])) - _averaged_sine(grid)).abs().max()))
    # Three Gauss points integrate degree 5 exactly.
    assert slope(sizes, errors) == pytest.approx(-6, abs=0.1)


def test_lift_keeps_the_batch_of_a_series_and_its_time():
    generator = torch.Generator().manual_seed(0)
    draws = [RandomSineSeries(num_terms=1)(generator) for _ in range(3)]
    series = SineSeries(*(torch.cat([getattr(d, name) for d in draws]) for name in ("amplitudes", "frequencies", "wavenumbers", "phases", "length")))
    grid = Grid(32, 0.0, 16.0)
    averages = Weno(grid).at(1.5).lift(series)
    assert averages.shape == (3, 1, 32)
    angular = 2 * math.pi / 16 * series.wavenumbers
    damping = torch.sinc(angular * 0.25 / math.pi)
    expected = series.amplitudes * damping * torch.sin(series.frequencies * 1.5 + angular * grid.coordinates() + series.phases)
    assert torch.allclose(averages[:, 0], expected, atol=1e-9)


def test_lift_of_a_callable_that_reads_no_coordinate():
    assert Weno(Grid(8)).at(2.0).lift(lambda d: 3.0 * d.t) == 6.0


def test_lift_of_a_step_is_the_average_of_its_cell_values():
    averages = Weno(Grid(8, 0.0, 8.0)).lift(lambda d: torch.where(d.x[0] > 4.0, 1.0, 0.0))
    assert averages.flatten().tolist() == pytest.approx([0, 0, 0, 0, 5 / 18, 1, 1, 1])


@pytest.mark.parametrize(
    ("flux", "antiderivative"),
    [(lambda q: (q,), torch.sin), (lambda q: (-2.0 * q,), lambda x: -2 * torch.sin(x)), (lambda q: (0.5 * q * q,), lambda x: 0.5 * torch.sin(x) ** 2)],
    ids=["right-going", "left-going", "Burgers"],
)
def test_convect_is_fifth_order_through_smooth_extrema(flux, antiderivative):
    errors, sizes = [], [40, 80, 160]
    for n in sizes:
        grid = Grid(n, 0.0, LENGTH)
        h, x = grid.spacing[0], grid.coordinates()
        exact = (antiderivative(x + h / 2) - antiderivative(x - h / 2)) / h
        errors.append(float((Weno(grid).convect(flux, _averaged_sine(grid))[0, 0] - exact).abs().max()))
    assert -slope(sizes, errors) == pytest.approx(5, abs=0.1)


def _textbook_left_state(u):
    """u⁻ at i + 1/2 by the formulas as printed: Jiang & Shu's candidates and indicators with WENO-Z weights."""
    a, b, c, d, e = (u.roll(2 - k, -1) for k in range(5))
    candidates = (2 * a - 7 * b + 11 * c) / 6, (-b + 5 * c + 2 * d) / 6, (2 * c + 5 * d - e) / 6
    beta = (
        13 / 12 * (a - 2 * b + c) ** 2 + (a - 4 * b + 3 * c) ** 2 / 4,
        13 / 12 * (b - 2 * c + d) ** 2 + (b - d) ** 2 / 4,
        13 / 12 * (c - 2 * d + e) ** 2 + (3 * c - 4 * d + e) ** 2 / 4,
    )
    tau = (beta[0] - beta[2]).abs()
    weights = [gamma * (1 + (tau / b_k) ** 2) for gamma, b_k in zip((0.1, 0.6, 0.3), beta, strict=True)]
    return sum(w * q for w, q in zip(weights, candidates, strict=True)) / sum(weights)


def test_reconstruction_is_that_of_the_textbook():
    u = torch.randn(3, 1, 20, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    left, right = Weno(Grid(20))._reconstruct(u)
    assert torch.allclose(left[..., 1:], _textbook_left_state(u), atol=1e-10)
    assert torch.allclose(right[..., :-1], _textbook_left_state(u.flip(-1)).flip(-1), atol=1e-10)


def test_convect_conserves_and_does_not_create_oscillations_at_a_jump():
    grid = Grid(100, 0.0, 1.0)
    weno = Weno(grid)
    u = torch.where((grid.coordinates() > 0.3) & (grid.coordinates() < 0.6), 1.0, 0.0)[None, None]
    change = weno.convect(lambda q: (q,), u)
    assert abs(float(change.sum())) < 1e-12
    # Away from the two jumps nothing moves: the smooth sub-stencils win.
    assert int((change.abs() > 1e-6 * change.abs().max()).sum()) == 2


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [(2.0, 1.0, 2.0), (1.0, 2.0, 0.5), (-1.0, 1.0, 0.0), (1.0, -2.0, 2.0), (-2.0, -1.0, 0.5)],
    ids=["shock", "fan", "sonic fan", "left shock", "left fan"],
)
def test_godunov_flux_solves_the_riemann_problem(left, right, expected):
    weno = Weno(Grid(8))
    flux = weno._godunov(lambda q: (0.5 * q * q,), torch.tensor([[[left]]]), torch.tensor([[[right]]]))
    assert flux.item() == expected


def test_sonic_point_may_differ_per_trajectory():
    weno = Weno(Grid(8), sonic=torch.tensor([0.0, 1.0]))
    states = torch.tensor([-1.0, -1.0]).view(2, 1, 1), torch.tensor([3.0, 3.0]).view(2, 1, 1)
    shift = torch.tensor([0.0, 1.0]).view(2, 1, 1)
    assert weno._godunov(lambda q: ((q - shift) ** 2,), *states).flatten().tolist() == [0.0, 0.0]


@pytest.mark.parametrize("velocity", [1.5, -1.5])
def test_advect_is_upwinded_and_equals_the_conservative_form_for_constant_velocity(velocity):
    grid = Grid(32, 0.0, LENGTH)
    weno, u = Weno(grid), torch.randn(2, 1, 32, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(weno.advect((velocity,), u), weno.convect(lambda q: (velocity * q,), u), atol=1e-10)
    assert weno.advect((None,), u).abs().max() == 0


def test_dx_of_averages_is_sixth_order():
    errors, sizes = [], [20, 40, 80]
    for n in sizes:
        grid = Grid(n, 0.0, LENGTH)
        u = _averaged_sine(grid)
        errors.append(float((Weno(grid).dx(u, order=2) + u).abs().max()))
    assert -slope(sizes, errors) == pytest.approx(6, abs=0.2)


def test_gradient_through_convect():
    weno = Weno(Grid(16, 0.0, LENGTH))
    u = torch.randn(2, 1, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    assert gradient_gap(lambda v: weno.convect(lambda q: (0.5 * q * q,), v), u) < 1e-6
    constant = torch.zeros(1, 1, 16, dtype=torch.float64, requires_grad=True)
    weno.convect(lambda q: (q,), constant).square().sum().backward()
    assert torch.isfinite(constant.grad).all()


def test_float32_stays_finite_on_constant_and_discontinuous_states():
    weno = Weno(Grid(16))
    u = torch.zeros(2, 1, 16)
    u[1, :, 4:8] = 100.0
    change = weno.convect(lambda q: (0.5 * q * q,), u)
    assert change.dtype == torch.float32
    assert torch.isfinite(change).all()


@pytest.mark.parametrize("grid", [Grid((16, 16)), Grid(16, periodic=False), Grid(6)])
def test_refuses_other_grids(grid):
    with pytest.raises(ValueError, match="Weno: needs one periodic axis of at least 7 cells"):
        Weno(grid)
