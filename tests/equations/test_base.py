import dataclasses

import pytest
import torch
from equation_cases import TinyNetwork, cases, smooth_state

from neuralpde.derivatives import FiniteDifference, Fourier, LazyFourier, ReverseMode, Trajectory, analyse, symbol
from neuralpde.equations import Equation

ALL = cases()
BY_NAME = pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)


def relative(a, b):
    return ((a - b).abs().max() / b.abs().max()).item()


@BY_NAME
def test_linear_part_vanishes_at_zero_and_the_probe_agrees(case):
    d = Fourier(case.grid)
    zero = torch.zeros(3, len(case.equation.fields), *case.grid.shape, dtype=torch.float64)
    assert torch.count_nonzero(torch.zeros(()) + case.equation.on(d).linear(zero, d)) == 0
    assert analyse(case.equation, case.ndim).has_linear


@BY_NAME
def test_symbol_is_the_linear_part_on_random_fields(case):
    d = Fourier(case.grid)
    u = torch.randn(3, len(case.equation.fields), *case.grid.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    by_symbol = d.values(torch.einsum("boi...,bi...->bo...", symbol(case.equation, case.grid).expand(3, *(-1,) * (case.ndim + 2)), d.spectrum(u)))
    assert relative(by_symbol, case.equation.on(d).linear(u, d)) < 1e-12


@BY_NAME
def test_lazy_fields_give_the_same_rhs(case):
    u, d = smooth_state(case, 3), LazyFourier(case.grid)
    lazy = d.values(d.transform(case.equation.rhs(d.field(values=u), d)))
    assert relative(lazy, case.equation.rhs(u, Fourier(case.grid))) < 1e-12


@pytest.mark.parametrize("case", [c for c in cases(n=96, n2=64) if c.name != "heat 3d"], ids=lambda case: case.name)
def test_finite_differences_converge_to_the_same_rhs(case):
    u = smooth_state(case, 3)
    errors = []
    for shape in (case.grid.shape, tuple(n // 2 for n in case.grid.shape)):
        grid = case.grid.resized(shape)
        coarse = u[(..., *(slice(None, None, n // m) for n, m in zip(case.grid.shape, shape, strict=True)))]
        errors.append(relative(case.equation.rhs(coarse, FiniteDifference(grid, order=4)), case.equation.rhs(coarse, Fourier(grid))))
    assert errors[0] < 0.02
    assert errors[1] / errors[0] > 2**3.5  # fourth order


@pytest.mark.parametrize("case", cases(batch=8, n=8, n2=8), ids=lambda case: case.name)
def test_batch_equal_to_points_matches_a_loop(case):
    """A (batch,) coefficient must never be mistaken for one along the points."""
    u, d = smooth_state(case, 8), Fourier(case.grid, t=0.3)
    together = case.equation.rhs(u, d)
    times = torch.linspace(0, 1, 8, dtype=torch.float64)
    trajectory = torch.stack([u * (1 + s) for s in times], dim=1)
    frames = Trajectory(Fourier(case.grid), times)
    residual = case.equation.residual(trajectory, frames)
    for i in range(8):
        alone = _one_trajectory(case.equation, i)
        torch.testing.assert_close(alone.rhs(u[i : i + 1], d), together[i : i + 1], rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(alone.residual(trajectory[i : i + 1], frames), residual[i : i + 1], rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(symbol(alone, case.grid)[0], symbol(case.equation, case.grid)[i])


def _one_trajectory(equation: Equation, i: int) -> Equation:
    """Trajectory ``i`` with plain numbers for coefficients."""

    def pick(value):
        if isinstance(value, tuple):
            return tuple(map(pick, value))
        if isinstance(value, torch.Tensor):
            return value[i].item()
        if callable(value):
            return dataclasses.replace(value, **{name: p[i : i + 1] for name, p in value.parameters().items()})
        return value

    return dataclasses.replace(equation, **{name: pick(value) for name, value in equation.coefficients().items()})


@pytest.mark.parametrize("case", [c for c in cases(batch=8, n=96, n2=48) if c.name not in ("vorticity", "velocity", "heat 3d")], ids=lambda case: case.name)
def test_reverse_mode_residual_of_a_network_equals_that_on_the_grid(case):
    """With batch = points = 8 on the reverse-mode side, so that lifting is tested too."""
    network = TinyNetwork(case.grid.lengths, len(case.equation.fields))
    t = 0.4
    grid_d = Fourier(case.grid, t=t)
    u, rate = network.with_rate(t, *grid_d.x)
    on_grid = (rate - case.equation.rhs(u.detach(), grid_d)).reshape(8, len(case.equation.fields), -1)
    picks = torch.arange(8) * (case.grid.num_points // 8 - 1)
    d = ReverseMode.at_points(case.grid.points()[picks].expand(8, 8, case.ndim), torch.full((8, 8), t, dtype=torch.float64))
    residual = case.equation.residual(network(d.t, *d.x), d)
    assert residual.shape == (8, len(case.equation.fields), 8)
    assert relative(residual, on_grid[..., picks]) < 1e-8


def test_vorticity_with_a_network_as_stream_function():
    """The vorticity is −Δ of the network ψ: then the defect vanishes and the residual is that of the grid, which solves for ψ itself."""
    case = next(c for c in cases(n2=64) if c.name == "vorticity")
    network = TinyNetwork(case.grid.lengths, 1)
    t = 0.4
    grid_d = Fourier(case.grid, t=t)
    psi, rate = network.with_rate(t, *grid_d.x)
    w = -1.0 * grid_d.laplacian(psi)
    on_grid = (-1.0 * grid_d.laplacian(rate) - case.equation.rhs(w, grid_d)).reshape(3, 1, -1)
    picks = torch.arange(10) * 201
    d = ReverseMode.at_points(case.grid.points()[picks].expand(3, 10, 2), torch.full((3, 10), t, dtype=torch.float64))
    psi = network(d.t, *d.x)
    w = -1.0 * d.laplacian(psi)
    d = d.using(psi)
    residual = case.equation.residual(w, d)
    assert relative(residual, on_grid[..., picks]) < 1e-8
    assert len(d.defects) == 1
    # The equation solves Δψ' = −ω, and ψ' = ψ.
    assert d.defects[0].abs().max() < 1e-12 * w.abs().max()


def test_vorticity_with_an_independent_guess_of_the_stream_function():
    """Vorticity and ψ are two outputs of one network: the residual uses ψ as it is, the defect says by how much it is wrong."""
    case = next(c for c in cases(n2=48) if c.name == "vorticity")
    network = TinyNetwork(case.grid.lengths, 2)
    grid_d = Fourier(case.grid, t=0.4)
    u, rate = network.with_rate(0.4, *grid_d.x)

    class Guessed(Fourier):
        def solve_poisson(self, f):
            self.defect = self.laplacian(u[:, 1:]) - f
            return u[:, 1:]

    guessed = Guessed(case.grid, t=0.4)
    on_grid = rate[:, :1] - case.equation.rhs(u[:, :1], guessed)
    picks = torch.arange(10) * 201
    d = ReverseMode.at_points(case.grid.points()[picks].expand(3, 10, 2), torch.full((3, 10), 0.4, dtype=torch.float64))
    w, psi = d.split(network(d.t, *d.x))
    d = d.using(psi)
    residual = case.equation.residual(w, d)
    assert relative(residual, on_grid.reshape(3, 1, -1)[..., picks]) < 1e-8
    assert relative(d.defects[0], guessed.defect.expand(3, -1, -1, -1).reshape(3, 1, -1)[..., picks]) < 1e-8
    assert d.defects[0].abs().max() > 0.1


@BY_NAME
def test_gradient_reaches_every_coefficient(case):
    """The gradient of a functional of the right-hand side, along a random direction, against a central difference."""
    generator = torch.Generator().manual_seed(2)
    d, u = Fourier(case.grid, t=0.3), smooth_state(case, 3)
    weights = torch.randn(u.shape, generator=generator, dtype=torch.float64)
    for leaf, build in _coefficient_leaves(case.equation):
        direction = torch.randn(leaf.shape, generator=generator, dtype=torch.float64)
        parameter = leaf.clone().requires_grad_()
        (gradient,) = torch.autograd.grad((build(parameter).rhs(u, d) * weights).sum(), parameter)
        ahead, behind = (((build(leaf + h * direction)).rhs(u, d) * weights).sum() for h in (1e-5, -1e-5))
        expected = (ahead - behind) / 2e-5
        assert abs((gradient * direction).sum() - expected) < 1e-6 * max(1.0, abs(expected))
        assert gradient.abs().max() > 0


def _coefficient_leaves(equation: Equation):
    """Every tensor inside the coefficients, with the function that rebuilds the equation from it."""
    for name, value in equation.coefficients().items():
        if hasattr(value, "parameters"):
            for key, leaf in value.parameters().items():
                yield leaf, lambda p, name=name, value=value, key=key: dataclasses.replace(equation, **{name: dataclasses.replace(value, **{key: p})})
        elif isinstance(value, tuple):
            yield value[0], lambda p, name=name, value=value: dataclasses.replace(equation, **{name: (p, *value[1:])})
        else:
            yield value, lambda p, name=name: dataclasses.replace(equation, **{name: p})


@BY_NAME
def test_conserved_densities_do_not_change_along_the_flow(case):
    """d/dt of the unforced invariants is the derivative along rhs; no time step is involved. The heat equation shows that it can fail."""
    unforced = {name: 0.0 for name in case.equation.coefficients() if name == "forcing"}
    equation = dataclasses.replace(case.equation, **unforced)
    u, d = smooth_state(case, 3), Fourier(case.grid)
    assert equation.conserved(u, d)
    for name in equation.conserved(u, d):
        value, rate = _along_rhs(lambda v, name=name: equation.conserved(v, d)[name], u, equation.rhs(u, d))
        assert rate.abs().max() < 1e-12 * max(1.0, value.abs().max().item()), name


def _along_rhs(functional, u, rate_of_u):
    """A functional of each trajectory and its rate of change."""
    u = u.clone().requires_grad_()
    value = functional(u)
    (gradient,) = torch.autograd.grad(value.sum(), u)
    return value.detach(), (gradient * rate_of_u).flatten(1).sum(1)


def test_energy_of_the_heat_equation_is_not_conserved():
    case = next(c for c in ALL if c.name == "heat")
    u, d = smooth_state(case, 3), Fourier(case.grid)
    _, rate = _along_rhs(lambda v: d.mean(v * v), u, case.equation.rhs(u, d))
    assert (rate < -1e-3).all()


def test_residual_of_a_steady_equation_has_no_time_derivative():
    class Steady(Equation):
        steady = True

        def linear(self, u, d):
            return d.laplacian(u)

    case = ALL[2]
    u, d = smooth_state(case, 2), Fourier(case.grid)
    torch.testing.assert_close(Steady().residual(u, d), -d.laplacian(u))
