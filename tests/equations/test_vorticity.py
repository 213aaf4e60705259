import math

import pytest
import torch

from neuralpde.derivatives import Fourier, Trajectory
from neuralpde.equations import VorticityNavierStokes
from neuralpde.grids import Grid

SQUARE = Grid((24, 24), 0.0, 2 * math.pi)


def test_taylor_green_is_a_solution():
    d, equation = Fourier(SQUARE), VorticityNavierStokes(0.05)
    w = equation.exact(0.3, *d.x, wavenumber=2.0)
    torch.testing.assert_close(equation.rhs(w, d), -2 * 0.05 * 4.0 * w)
    times = torch.linspace(0, 0.5, 51, dtype=torch.float64)
    frames = Trajectory(d, times)
    assert equation.residual(equation.exact(frames.t, *frames.x), frames).abs().max() < 1e-8


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
