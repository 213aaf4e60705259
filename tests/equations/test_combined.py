import torch
from equation_cases import forcing_1d

from neuralpde.derivatives import Fourier, ReverseMode, Trajectory
from neuralpde.equations import Combined
from neuralpde.grids import Grid


def test_solution_along_characteristics_has_no_residual_before_the_shock():
    """u₀ = 0.3 sin 2x breaks at t = 1/1.2 for α = 1."""
    generator = torch.Generator().manual_seed(0)
    d = ReverseMode.at_points(torch.rand(16, 1, generator=generator, dtype=torch.float64) * 6, 0.7 * torch.rand(16, generator=generator, dtype=torch.float64))
    u = Combined(1.0).exact(d.t, d.x[0], lambda z: 0.3 * torch.sin(2 * z))
    assert Combined(1.0).residual(u, d).abs().max() < 1e-12
    assert Combined(0.9).residual(u, d).abs().max() > 1e-3
    # The characteristic equation itself.
    torch.testing.assert_close(u, 0.3 * torch.sin(2 * (d.x[0] - 2 * u * d.t)))
    # Second derivatives are exact as well: uₓₜ computed in both orders.
    torch.testing.assert_close(d.dx(d.dt(u)), -1.0 * d.dx(d.dx(u * u)))


def test_shock_speed_balances_the_flux():
    equation = Combined(torch.tensor([0.5, 2.0]))
    left, right = torch.tensor(3.0), torch.tensor(-1.0)
    jump = (equation.flux(left)[0] - equation.flux(right)[0]) / (left - right)
    torch.testing.assert_close(equation.shock_speed(left, right), jump)
    u = torch.zeros((), requires_grad=True)
    (slope,) = torch.autograd.grad(Combined(1.3).flux(u + Combined().sonic())[0], u)
    assert slope == 0


def test_residual_of_a_dealiased_solution_needs_the_filter_of_the_solver():
    """A trajectory that solves the filtered equation leaves the discarded modes of the forcing and of u² in the plain residual."""
    grid, times = Grid((16,), 0.0, 8.0), torch.linspace(0, 0.2, 21, dtype=torch.float64)
    equation = Combined(1.0, 0.1, 0.05, forcing_1d(2, 8.0))
    d = Fourier(grid, dealias=2 / 3)
    u = d.filter(torch.randn(2, 1, 16, generator=torch.Generator().manual_seed(1), dtype=torch.float64))
    frames, substeps = [u], 5
    h = 0.01 / substeps
    for frame in range(20):
        for j in range(substeps):
            u = _runge_kutta_step(equation, u, d, frame * 0.01 + j * h, h)
        frames.append(u)
    trajectory = torch.stack(frames, dim=1)
    filtered = equation.residual(trajectory, Trajectory(d, times, order=6))
    plain = equation.residual(trajectory, Trajectory(Fourier(grid), times, order=6))
    scale = equation.rhs(frames[0], d).abs().max()
    assert d.filter(filtered).abs().max() < 1e-6 * scale
    assert plain.abs().max() > 1e-2 * scale


def _runge_kutta_step(equation, u, d, t, h):
    def rate(v, s):
        return d.filter(equation.rhs(v, d.at(s)))

    a = rate(u, t)
    b = rate(u + h / 2 * a, t + h / 2)
    c = rate(u + h / 2 * b, t + h / 2)
    e = rate(u + h * c, t + h)
    return u + h / 6 * (a + 2 * b + 2 * c + e)
