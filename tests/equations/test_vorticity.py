import math

import pytest
import torch
from convergence import slope
from flows import boole, ensemble, isotropic_forcing, square, vorticities

from neuralpde.derivatives import Fourier, LazyFourier, Trajectory
from neuralpde.equations import VorticityNavierStokes
from neuralpde.grids import Grid
from neuralpde.initial import FixedSeries
from neuralpde.rollout import rollout
from neuralpde.solvers import ExponentialRungeKutta

SQUARE = Grid((24, 24), 0.0, 2 * math.pi)


def test_taylor_green_is_a_solution():
    d, equation = Fourier(SQUARE), VorticityNavierStokes(0.05)
    w = equation.exact(0.3, *d.x, wavenumber=2.0)
    torch.testing.assert_close(equation.rhs(w, d), -2 * 0.05 * 4.0 * w)
    times = torch.linspace(0, 0.5, 51, dtype=torch.float64)
    frames = Trajectory(d, times)
    assert equation.residual(equation.exact(frames.t, *frames.x), frames).abs().max() < 1e-8


def test_taylor_green_vortices_decay_exactly_with_drag():
    equation, grid = VorticityNavierStokes(0.05, 0.0, 0.3), square(32)
    x, y = Fourier(grid).x
    final = ExponentialRungeKutta(equation, grid, 2.0, substeps=20)(equation.exact(0.0, x, y, 2.0))
    torch.testing.assert_close(final, equation.exact(2.0, x, y, 2.0), rtol=0, atol=1e-10)


def test_the_lazy_provider_agrees_with_the_plain_one():
    """Its transport comes from products of velocities, not from ∇·(v ω): without aliasing there is no difference."""
    plain, lazy = Fourier(SQUARE, dealias=2 / 3), LazyFourier(SQUARE, dealias=2 / 3)
    w = plain.filter(torch.randn(2, 1, 24, 24, generator=torch.Generator().manual_seed(0), dtype=torch.float64))
    equation = VorticityNavierStokes(0.1, lambda d: torch.sin(d.x[0]))
    found = lazy.values(lazy.transform(equation.on(lazy).nonlinear(lazy.field(values=w), lazy)))
    expected = equation.on(plain).nonlinear(w, plain)
    assert (found - expected).abs().max() < 1e-13 * expected.abs().max()


def test_fourth_order_in_time():
    equation, grid, w = VorticityNavierStokes(0.02, isotropic_forcing(1), 0.1), square(32), vorticities(32, 1)
    reference = ExponentialRungeKutta(equation, grid, 0.5, substeps=160)(w)
    counts = (10, 20, 40)
    errors = [float((ExponentialRungeKutta(equation, grid, 0.5, substeps=n)(w) - reference).abs().max()) for n in counts]
    assert -slope(counts, errors) == pytest.approx(4, abs=0.15)


def test_enstrophy_budget():
    """dZ/dt = −ν⟨|∇ω|²⟩ − 2μZ + ⟨fω⟩ with Z = ⟨ω²⟩/2, integrated along a solution."""
    equation, grid, num = VorticityNavierStokes(0.02, isotropic_forcing(2), 0.1), square(48), 80
    d, w = Fourier(grid), Fourier(grid, dealias=2 / 3).filter(vorticities(48, 2))
    frames = torch.cat([w.unsqueeze(1), rollout(ExponentialRungeKutta(equation, grid, 1.0 / num, substeps=2), w.unsqueeze(1), num)], dim=1)
    enstrophy = frames.square().mean((2, 3, 4)) / 2
    gradient = sum(d.dx(frames, axis).square() for axis in (0, 1)).mean((2, 3, 4))
    work = (d.lift(equation.forcing).unsqueeze(1) * frames).mean((2, 3, 4))
    rates = (-0.02 * gradient - 0.2 * enstrophy + work).T
    gained, expected = enstrophy[:, -1] - enstrophy[:, 0], boole(rates, 1.0 / num)
    assert ((gained - expected).abs() / boole(rates.abs(), 1.0 / num)).max() < 1e-6


def anisotropy(equation: VorticityNavierStokes, batch: int) -> tuple[float, float, float]:
    """⟨v_x² − v_y²⟩/⟨v²⟩ and 2⟨v_x v_y⟩/⟨v²⟩ of an ensemble at t = 3, a spin-2 pair that a rotation by 45° exchanges.

    Returns both means in standard errors, and the ratio of both variances.
    """
    grid = square(32)
    w = ExponentialRungeKutta(equation, grid, 3.0, substeps=60)(vorticities(32, batch, speed=1.0))
    vx, vy = equation.velocity(w, Fourier(grid))
    energy = (vx**2 + vy**2).mean((1, 2, 3))
    pair = torch.stack([(vx**2 - vy**2).mean((1, 2, 3)) / energy, 2 * (vx * vy).mean((1, 2, 3)) / energy])
    first, second = (pair.mean(1) / (pair.std(1) / batch**0.5)).tolist()
    return first, second, float(pair[0].var() / pair[1].var())


def test_a_flow_forced_without_direction_is_isotropic():
    """Means within four standard errors of zero, equal variances; a sheared flow of the same kind is seen to be anisotropic at once."""
    first, second, ratio = anisotropy(VorticityNavierStokes(0.02, isotropic_forcing(32), 0.1), 32)
    assert abs(first) < 4 and abs(second) < 4 and 0.4 < ratio < 2.5
    shear = ensemble(FixedSeries((-4.0,), (0.0,), ((0.0, 2.0),)), 1)
    assert anisotropy(VorticityNavierStokes(0.02, shear, 0.1), 32)[2] > 10


@pytest.mark.slow
def test_statistics_of_kolmogorov_flow_are_stable_when_the_resolution_doubles():
    """Energy, enstrophy and the spectrum of the large scales at Re = 1000, means of 8 trajectories over 5 < t < 10."""
    coarse, fine = (kolmogorov_statistics(n, substeps) for n, substeps in ((64, 20), (128, 40)))
    error = (coarse - fine).std(0) / 8**0.5
    assert ((coarse - fine).mean(0).abs() < 4 * error + 0.02 * fine.mean(0)).all()
    assert ((coarse.mean(0) / fine.mean(0) - 1).abs() < 0.15).all()


def kolmogorov_statistics(n: int, substeps: int) -> torch.Tensor:
    """Energy, enstrophy, and energy of the wavenumbers 1 to 6, averaged over time, ``(trajectories, 8)``."""
    shear = ensemble(FixedSeries((-4.0,), (0.0,), ((0.0, 4.0),)), 1)
    equation, grid = VorticityNavierStokes(1e-3, shear, 0.1), square(n)
    solver, d, w = ExponentialRungeKutta(equation, grid, 0.25, substeps=substeps), Fourier(grid), vorticities(n, 8, 4.0, max_mode=21, peak=4.0)
    samples = []
    for frame in range(40):
        w = solver(w)
        if frame >= 20:
            v = torch.cat(equation.velocity(w, d), dim=1)
            samples.append(torch.stack([v.square().sum(1).mean((1, 2)) / 2, w.square().mean((1, 2, 3)) / 2, *shells(v)], dim=1))
    return torch.stack(samples).mean(0)


def shells(v: torch.Tensor) -> list[torch.Tensor]:
    """Kinetic energy of the shells |k| = 1 to 6."""
    n = v.shape[-1]
    k = torch.fft.fftfreq(n, 1 / n)
    magnitude = (k[:, None] ** 2 + k**2).sqrt().round()
    power = torch.fft.fft2(v, norm="forward").abs().square().sum(1) / 2
    return [(power * (magnitude == shell)).sum((1, 2)) for shell in range(1, 7)]


def test_velocity_is_divergence_free_and_its_curl_is_the_vorticity():
    d = Fourier(SQUARE)
    w = torch.sin(d.x[0] + 2 * d.x[1]) + torch.cos(3 * d.x[1])
    vx, vy = VorticityNavierStokes().velocity(w, d)
    assert d.div((vx, vy)).abs().max() < 1e-13
    torch.testing.assert_close(d.dx(vy, 0) - d.dx(vx, 1), w)


def test_shear_flow_is_carried_by_its_own_velocity():
    """ω = cos y gives v_x = −sin y: a passenger ω' = ε sin x is advected to the right order, sign included."""
    d = Fourier(SQUARE)
    x, y = d.x
    w = torch.cos(y) + 1e-6 * torch.sin(2 * x)
    change = VorticityNavierStokes(0.0).rhs(w, d) / 1e-6
    # v·∇ω to first order: v_x ∂ₓω' + v'_y ∂_yω with v_x = −sin y, v'_y = −cos(2x)/2 (from ψ' = sin(2x)/4).
    expected = -(-torch.sin(y) * 2 * torch.cos(2 * x) + (-torch.cos(2 * x) / 2) * (-torch.sin(y)))
    torch.testing.assert_close(change, expected, atol=1e-5, rtol=0)


def test_energy_and_enstrophy_without_viscosity():
    """Two invariants of the inviscid flow: neither is changed by the nonlinear term."""
    d = Fourier(SQUARE, dealias=2 / 3)
    generator = torch.Generator().manual_seed(0)
    w = d.filter(torch.randn(1, 1, 24, 24, generator=generator, dtype=torch.float64))
    w = w - d.mean(w)
    rate = VorticityNavierStokes(0.0).rhs(w, d)
    psi = d.solve_poisson(-w)
    scale = (w.abs().max() * rate.abs().max()).item()
    assert d.mean(w * rate).abs().max() < 1e-13 * scale
    assert d.mean(psi * rate).abs().max() < 1e-13 * scale


def test_needs_two_dimensions():
    with pytest.raises(ValueError, match="VorticityNavierStokes: needs 2 space dimensions, got 1; use a grid with two axes"):
        VorticityNavierStokes().rhs(torch.zeros(1, 1, 8), Fourier(Grid((8,))))
