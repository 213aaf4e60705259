import math

import numpy as np
import pytest
import torch
from convergence import slope
from scipy.integrate import solve_ivp

from neuralpde.boundaries import Dirichlet, Neumann, Robin
from neuralpde.equations import Burgers, DiffusionSorption, Heat
from neuralpde.grids import Grid
from neuralpde.rollout import rollout
from neuralpde.solvers import ESDIRK32, IMPLICIT_EULER, ImplicitRungeKutta, StepControl


def interval(n):
    return Grid((n,), periodic=False)


def soil(n=41, dt=50.0, **options):
    return ImplicitRungeKutta(DiffusionSorption(), interval(n), dt, left=Dirichlet(1.0), right=Robin(5e-4), **options)


def test_jacobian_is_exact():
    solver = soil(12)
    u = torch.rand(2, 1, 12, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    lower, diagonal, upper = solver.operator.jacobian(u)
    for b in range(2):
        full = torch.func.jacrev(lambda v: solver.operator(v[None, None])[0, 0])(u[b, 0])
        banded = torch.diag(diagonal[b, 0]) + torch.diag(upper[b, 0, :-1], 1) + torch.diag(lower[b, 0, 1:], -1)
        torch.testing.assert_close(banded, full, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize(("tableau", "order"), [(IMPLICIT_EULER, 1), (ESDIRK32, 3)])
def test_order_in_time(tableau, order):
    """Viscous Burgers between insulated ends, against the same grid with tiny steps."""
    grid = interval(17)
    u = torch.cos(math.pi * grid.coordinates()).view(1, 1, -1)

    def end(substeps, chosen=tableau):
        return ImplicitRungeKutta(Burgers(0.05), grid, 0.5, left=Neumann(), right=Neumann(), tableau=chosen, substeps=substeps)(u)

    exact, steps = end(48, ESDIRK32), [4, 8, 16]
    errors = [float((end(n) - exact).abs().max()) for n in steps]
    assert abs(slope(steps, errors) + order) < 0.15


def test_order_in_space():
    errors, sizes = [], [9, 17, 33]
    for n in sizes:
        grid = interval(n)
        solver = ImplicitRungeKutta(Heat(0.1), grid, 1.0, left=Dirichlet(0.0), right=Neumann(), substeps=20)
        u = torch.sin(math.pi / 2 * grid.coordinates()).view(1, 1, -1)
        errors.append(float((solver(u) - math.exp(-0.1 * math.pi**2 / 4) * u).abs().max()))
    assert abs(slope([n - 1 for n in sizes], errors) + 2) < 0.05


def test_robin_end_decays_as_the_eigenvalue_says():
    """u = cos(kx), k tan k = 1/length: insulated on the left, leaking on the right."""
    length, k = 0.5, 1.0768739863118038
    grid = interval(65)
    solver = ImplicitRungeKutta(Heat(0.2), grid, 1.0, left=Neumann(), right=Robin(length), substeps=10)
    u = torch.cos(k * grid.coordinates()).view(1, 1, -1)
    assert (solver(u) - math.exp(-0.2 * k * k) * u).abs().max() < 5e-5


def test_agrees_with_an_independent_stiff_solver():
    """The jump at the left end included; SciPy integrates its own formula of the same differences."""
    n, grid = 21, interval(21)
    dx, length = grid.spacing[0], 5e-4
    level = torch.tensor([0.03, 0.15], dtype=torch.float64)
    found = rollout(soil(n, 100.0, control=StepControl(1e-7, 1e-7)), level.view(-1, 1, 1, 1).expand(-1, 1, 1, n), 5)

    def slope_of(_, u):
        padded = np.concatenate([[2.0 - u[1]], u, [u[-2] - 2 * dx / length * u[-1]]])
        laplacian = (padded[2:] - 2 * u + padded[:-2]) / dx**2
        retardation = 1 + 0.71 / 0.29 * 2880 * 3.5e-4 * 0.874 * (np.maximum(u, 0) + 1e-6) ** -0.126
        return 5e-4 / retardation * laplacian

    for row, start in enumerate(level.tolist()):
        reference = solve_ivp(slope_of, (0, 500), np.full(n, start), method="BDF", t_eval=np.arange(100, 501, 100), rtol=1e-9, atol=1e-11)
        assert np.abs(found[row, :, 0].numpy().T - reference.y).max() < 1e-5


def test_neighbours_in_the_batch_do_not_matter():
    u = torch.tensor([0.02, 0.2], dtype=torch.float64).view(-1, 1, 1).expand(-1, 1, 15)
    together = soil(15)(u)
    alone = torch.cat([soil(15)(u[i : i + 1]) for i in range(2)])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-12)


def test_solute_enters_by_the_flux_at_the_ends():
    """Content changes by what diffuses through the ends; trapezoidal in time, hence loosely."""
    solver, equation, n = soil(41, 20.0, control=StepControl(1e-4, 1e-4)), DiffusionSorption(), 41
    frames = rollout(solver, torch.full((1, 1, 1, n), 0.1, dtype=torch.float64), 20)[0, :, 0]
    amount = (equation.content(frames) * interval(n).weights()).sum(1)
    flux = 5e-4 * ((-3 * frames[:, 0] + 4 * frames[:, 1] - frames[:, 2]) * -1 + (3 * frames[:, -1] - 4 * frames[:, -2] + frames[:, -3])) * (n - 1) / 2
    gained, entered = amount[-1] - amount[8], torch.trapezoid(flux[8:], dx=20.0)
    assert abs(float(entered / gained) - 1) < 0.02


def test_refuses_what_it_cannot_solve():
    with pytest.raises(ValueError, match="needs one bounded uniform axis"):
        ImplicitRungeKutta(Heat(1.0), Grid((8,)), 0.1)
    with pytest.raises(ValueError, match="got one of order 1 without; give substeps"):
        ImplicitRungeKutta(Heat(1.0), interval(8), 0.1, tableau=IMPLICIT_EULER)
    with pytest.raises(FloatingPointError, match="at most 2 attempts"):
        soil(control=StepControl(max_steps=2))(torch.full((1, 1, 41), 0.1, dtype=torch.float64))
