"""Solvers that form the matrix."""

from __future__ import annotations

import pytest
import torch
from torch.func import jacfwd, jacrev, vmap

from neuralpde.implicit import LU, Cholesky, ConvergenceWarning, LeastSquares, custom_root
from neuralpde.implicit.linear import Operator

DOUBLE = torch.float64


def times(v, matrix):
    return (matrix @ v.unsqueeze(-1)).squeeze(-1)


def test_minimum_norm_solution_of_a_singular_system(generator):
    base = torch.randn(3, 6, 4, dtype=DOUBLE, generator=generator)
    matrix = base @ base.mT
    b = torch.randn(3, 6, dtype=DOUBLE, generator=generator)
    found = LeastSquares().solve(times, b, matrix, batch_dims=1)
    torch.testing.assert_close(found.x, times(b, torch.linalg.pinv(matrix, rtol=1e-12)), rtol=1e-9, atol=1e-10)
    assert bool(found.converged.all())


def test_cholesky_falls_back_on_an_indefinite_sample(generator):
    matrix = torch.diag_embed(torch.tensor([[1.0, 2.0], [1.0, -2.0]], dtype=DOUBLE))
    b = torch.ones(2, 2, dtype=DOUBLE)
    assert Cholesky().solve(times, b, matrix, batch_dims=1).x.tolist() == [[1.0, 0.5], [1.0, -0.5]]


def counted(matrix, counter):
    def apply(v):
        counter.append(1)
        return times(v, matrix)

    return Operator(apply, lambda u: times(u, matrix.mT))


@pytest.mark.parametrize("solver", [LU(), Cholesky()])
def test_a_factor_from_elsewhere_saves_the_factorisation(solver, generator):
    """Nearly the right factor: a few refinement products instead of a new matrix; a bad one is noticed."""
    base = torch.randn(2, 20, 20, dtype=DOUBLE, generator=generator)
    matrix = base @ base.mT + torch.eye(20, dtype=DOUBLE)
    near = torch.linalg.inv(matrix + 1e-5 * torch.eye(20, dtype=DOUBLE))
    b = torch.ones(2, 20, dtype=DOUBLE)
    dense_calls: list[int] = []
    found = solver.checked(counted(matrix, dense_calls), b, lambda v: times(v, near))
    assert len(dense_calls) <= 7 and bool(found.converged.all())
    found = solver.checked(counted(matrix, []), b, lambda v: 100 * v)
    torch.testing.assert_close(found.x, torch.linalg.solve(matrix, b), rtol=1e-9, atol=1e-10)


@pytest.fixture(params=[LU, Cholesky, LeastSquares])
def counting(request):
    """A solver, and the shapes of the matrices it has factorised."""
    shapes = []

    class Counting(request.param):
        def factorise(self, matrix):
            shapes.append(tuple(matrix.shape))
            return super().factorise(matrix)

    return Counting(rtol=1e-11), shapes


def positive(generator, *batch):
    base = torch.randn(*batch, 6, 6, dtype=DOUBLE, generator=generator) / 3
    return base @ base.mT + torch.eye(6, dtype=DOUBLE), torch.randn(*batch, 6, dtype=DOUBLE, generator=generator)


def test_one_factorisation_serves_the_solution_and_all_its_derivatives(counting, generator):
    solver, shapes = counting
    matrix, b = positive(generator, 3)

    def slopes(solve, matrix, b):
        x = solve(matrix, b)
        first = torch.autograd.grad(x.square().sum(), (matrix, b), create_graph=True)
        return x, *first, *torch.autograd.grad(sum(g.square().sum() for g in first), (matrix, b))

    found = slopes(lambda m, b: solver.solve(times, b, 0.5 * (m + m.mT), batch_dims=1).x, matrix.requires_grad_(), b.requires_grad_())
    exact = slopes(lambda m, b: torch.linalg.solve(0.5 * (m + m.mT), b), matrix, b)
    torch.testing.assert_close(found, exact, rtol=1e-8, atol=1e-9)
    assert shapes == [(3, 6, 6)]


@pytest.mark.parametrize("jacobian", [jacrev, jacfwd])
def test_one_factorisation_serves_a_whole_jacobian(counting, jacobian, generator):
    solver, shapes = counting
    matrix, b = positive(generator)
    torch.testing.assert_close(jacobian(lambda b: solver.solve(times, b, matrix).x)(b), torch.linalg.inv(matrix), rtol=1e-9, atol=1e-10)
    assert shapes == [(6, 6)]


def test_vectors_of_one_matrix_in_any_nesting(counting, generator):
    """Axes that only vectors have, inside, between and outside of those that matrices have, too."""
    solver, shapes = counting
    matrix, _ = positive(generator, 2)
    b = torch.randn(4, 2, 3, 6, dtype=DOUBLE, generator=generator)
    exact = torch.linalg.solve(matrix[None, :, None], b.unsqueeze(-1)).squeeze(-1)

    def one(b, m):
        return solver.solve(times, b, m).x

    nested = vmap(vmap(vmap(one, (0, None)), (0, 0)), (0, None))(b, matrix)
    torch.testing.assert_close(nested, exact, rtol=1e-9, atol=1e-10)
    shared = vmap(lambda b: solver.solve(times, b, matrix, batch_dims=1).x, 1, 1)(b[:, :, 0].movedim(0, 1))
    torch.testing.assert_close(shared.movedim(1, 0), exact[:, :, 0], rtol=1e-9, atol=1e-10)
    assert shapes == [(2, 6, 6), (2, 6, 6)]
    inverses = vmap(lambda m, b: jacrev(lambda b: one(b, m))(b))(matrix, b[0, :, 0])
    torch.testing.assert_close(inverses, torch.linalg.inv(matrix), rtol=1e-9, atol=1e-10)
    slopes = vmap(jacrev(lambda m, b: one(b, 0.5 * (m + m.mT))))(matrix, b[0, :, 0])
    expected = vmap(jacrev(lambda m, b: torch.linalg.solve(0.5 * (m + m.mT), b)))(matrix, b[0, :, 0])
    torch.testing.assert_close(slopes, expected, rtol=1e-8, atol=1e-9)


def test_derivatives_of_a_root_factorise_once_per_order(counting, generator):
    solver, shapes = counting
    matrix, theta = positive(generator)

    @custom_root(lambda x, theta: matrix @ x + 0.1 * x**3 - theta, solve=solver)
    def root(init, theta):
        x = init
        for _ in range(60):
            x = x - torch.linalg.solve(matrix + torch.diag(0.3 * x**2), matrix @ x + 0.1 * x**3 - theta)
        return x

    x = root(torch.zeros_like(theta), theta)
    exact = torch.linalg.inv(matrix + torch.diag(0.3 * x**2))
    torch.testing.assert_close(jacrev(root, 1)(torch.zeros_like(theta), theta), exact, rtol=1e-9, atol=1e-10)
    assert shapes == [(6, 6)]
    second = jacrev(jacrev(root, 1), 1)(torch.zeros_like(theta), theta)
    torch.testing.assert_close(second, -torch.einsum("ia,a,aj,ak->ijk", exact, 0.6 * x, exact, exact), rtol=1e-8, atol=1e-9)


def test_float32_has_its_own_tolerance():
    matrix, b = torch.eye(3) * 3.0, torch.ones(1, 3)
    assert LU().tolerance(torch.float32) == 1e-5 and LU().tolerance(DOUBLE) == 1e-10
    assert bool(LU().solve(times, b, matrix.unsqueeze(0), batch_dims=1).converged)
    with pytest.warns(ConvergenceWarning):
        LU(rtol=1e-12).solve(times, torch.full((1, 3), 0.1), torch.rand(1, 3, 3) + torch.eye(3), batch_dims=1)
