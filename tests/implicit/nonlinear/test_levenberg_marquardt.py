"""Levenberg–Marquardt and the derivative of a least-squares solution."""

from __future__ import annotations

import pytest
import torch
from least_squares_problems import TIMES, curvature, jacobian, measurements, residual
from torch.func import hessian, jacfwd, jacrev, vmap

from neuralpde.implicit import ConvergenceWarning, Dense, GaussNewton, LevenbergMarquardt, MatrixFree

DOUBLE = torch.float64
START = torch.ones(3, 2, dtype=DOUBLE)
VARIANTS = {
    "vectorised": LevenbergMarquardt(),
    "closed form": LevenbergMarquardt(jacobian=jacobian),
    "curvature": LevenbergMarquardt(jacobian=jacobian, curvature=curvature),
    "matrix-free": LevenbergMarquardt(equations=MatrixFree()),
    "gauss-newton": GaussNewton(),
}


def fit(solver, y):
    return solver(residual, START, TIMES, y, batch_dims=1)


def exact_jacobian(x, y):
    """Derivative of x by y of one sample, with the dense full Hessian."""
    gradient = lambda x, y: jacrev(lambda x: 0.5 * residual(x, TIMES, y).square().sum())(x)  # noqa: E731
    return -torch.linalg.solve(jacrev(gradient)(x, y), jacrev(gradient, argnums=1)(x, y))


@pytest.mark.parametrize("name", VARIANTS)
class TestEveryVariant:
    def test_stationary_and_minimal(self, name, generator):
        y = measurements(generator)
        found = fit(VARIANTS[name], y)
        slope = jacrev(lambda x: 0.5 * residual(x, TIMES, y).square().sum())(found.x)
        assert bool(found.converged.all()) and float(slope.abs().max()) < 1e-7 and bool((found.steps > 2).all())
        torch.testing.assert_close(found.norm, torch.linalg.vector_norm(slope, dim=-1), rtol=0.2, atol=1e-12)

    def test_derivative_is_that_of_the_full_hessian(self, name, generator):
        y = measurements(generator)
        solver = VARIANTS[name]
        x = fit(solver, y).x
        for transform in (jacrev, jacfwd):
            found = transform(lambda y: fit(solver, y).x)(y)
            for i in range(3):
                torch.testing.assert_close(found[i, :, i], exact_jacobian(x[i], y[i]), rtol=1e-7, atol=1e-9)
            assert float(found[0, :, 1:].abs().max()) == 0.0


def test_second_derivative_against_finite_differences(generator):
    y, solver = measurements(generator), LevenbergMarquardt(jacobian=jacobian, tolerance=1e-12)
    direction = torch.randn(3, 20, dtype=DOUBLE, generator=generator)
    f = lambda s: fit(solver, y + s * direction).x.sum()  # noqa: E731
    zero, h = torch.zeros((), dtype=DOUBLE), 1e-3
    difference = (f(zero + h) - 2 * f(zero) + f(zero - h)) / h**2
    torch.testing.assert_close(hessian(f)(zero), difference, rtol=1e-4, atol=1e-6)


def test_gradcheck(generator):
    y = measurements(generator)[:2, :4].requires_grad_()
    solver = LevenbergMarquardt(tolerance=1e-13)
    assert torch.autograd.gradcheck(lambda y: solver(residual, START[:2], TIMES[:4], y, batch_dims=1).x, (y,), check_forward_ad=True, fast_mode=True)


def test_curvature_makes_the_end_quadratic(generator):
    """A large residual slows Gauss–Newton steps down; the full Hessian does not mind."""
    y = measurements(generator, 1.5)
    slow, quick = fit(LevenbergMarquardt(max_steps=200), y), fit(LevenbergMarquardt(jacobian=jacobian, curvature=curvature), y)
    torch.testing.assert_close(slow.x, quick.x, rtol=1e-7, atol=1e-8)
    assert bool((quick.steps < slow.steps).all()) and float(quick.norm.max()) < 1e-8


def test_samples_do_not_influence_each_other(generator):
    """Bit for bit the same alone as in a batch with stragglers, and frozen once converged."""
    y = measurements(generator)
    together = fit(LevenbergMarquardt(), y)
    assert len(set(together.steps.tolist())) > 1
    for i in range(3):
        alone = LevenbergMarquardt()(residual, START[i : i + 1], TIMES, y[i : i + 1], batch_dims=1)
        assert torch.equal(alone.x[0], together.x[i]) and int(alone.steps) == int(together.steps[i])


def test_vmap_batches_instead_of_looping(generator):
    y, calls = measurements(generator), []

    def counted(x, t, y):
        calls.append(1)
        return residual(x, t, y)

    one = lambda y: LevenbergMarquardt()(counted, START[0], TIMES, y)  # noqa: E731
    together = vmap(lambda y: one(y).x)(y)
    assert len(calls) < 100
    torch.testing.assert_close(together, fit(LevenbergMarquardt(), y).x, rtol=1e-12, atol=1e-13)
    torch.testing.assert_close(
        vmap(jacrev(lambda y: one(y).x))(y), torch.stack([exact_jacobian(x, v) for x, v in zip(together, y, strict=True)]), rtol=1e-7, atol=1e-9
    )


def test_linear_rows_give_the_normal_equations(generator):
    matrix, b = torch.randn(2, 9, 4, dtype=DOUBLE, generator=generator), torch.randn(2, 9, dtype=DOUBLE, generator=generator)
    found = LevenbergMarquardt()(lambda x, m, b: (m @ x.unsqueeze(-1)).squeeze(-1) - b, torch.zeros(2, 4, dtype=DOUBLE), matrix, b, batch_dims=1)
    torch.testing.assert_close(found.x, torch.linalg.lstsq(matrix, b.unsqueeze(-1)).solution.squeeze(-1), rtol=1e-10, atol=1e-12)


def test_rosenbrock():
    found = LevenbergMarquardt()(
        lambda x, a: torch.stack([10 * (x[..., 1] - x[..., 0] ** 2), a - x[..., 0]], -1),
        torch.tensor([[-1.2, 1.0], [5.0, -3.0]], dtype=DOUBLE),
        1.0,
        batch_dims=1,
    )
    torch.testing.assert_close(found.x, torch.ones(2, 2, dtype=DOUBLE), rtol=1e-10, atol=1e-10)


def test_float64_inside_whatever_the_network_uses(generator):
    y = measurements(generator)
    single = y.float().requires_grad_()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = LevenbergMarquardt(jacobian=jacobian)(residual, START.float(), TIMES.float(), single, batch_dims=1)
    assert found.x.dtype == torch.float32 and bool(found.converged.all())
    (slope,) = torch.autograd.grad(found.x.sum(), single)
    exact = torch.autograd.grad(fit(LevenbergMarquardt(), double := y.float().double().requires_grad_()).x.sum(), double)[0]
    assert slope.dtype == torch.float32
    torch.testing.assert_close(slope.double(), exact, rtol=1e-5, atol=1e-6)


def test_unconverged_is_reported_and_counted(generator):
    with pytest.warns(ConvergenceWarning, match="LevenbergMarquardt: expected a residual of at most 1.0e-10, got .* for 3 of 3 systems; raise max_steps"):
        found = fit(LevenbergMarquardt(max_steps=2), measurements(generator))
    assert not bool(found.converged.any()) and found.steps.tolist() == [2, 2, 2]


def test_a_rank_deficient_jacobian_is_damped():
    """Two unknowns, one combination: every point of a line is a minimum; the solver reaches it."""
    found = LevenbergMarquardt(equations=Dense())(lambda x, c: x.sum(-1, keepdim=True) ** 3 - c, torch.ones(1, 2, dtype=DOUBLE), 8.0, batch_dims=1)
    assert float(found.x.sum()) == pytest.approx(2.0, abs=1e-6)
