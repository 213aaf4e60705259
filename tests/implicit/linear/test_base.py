"""What all linear solvers share: signature, batches, derivatives, reports."""

from __future__ import annotations

import pytest
import torch
from torch.func import grad, hessian, jacfwd, jacrev, vmap

from neuralpde.implicit import CG, GMRES, LU, MINRES, BiCGSTAB, Cholesky, ConvergenceError, ConvergenceWarning, LeastSquares, NormalCG

DOUBLE = torch.float64
GENERAL = [GMRES(), GMRES(restart=4, max_steps=500), BiCGSTAB(), NormalCG(), LU(), LeastSquares()]
SYMMETRIC = [CG(), Cholesky()]
INDEFINITE = [MINRES(), GMRES()]


def twice(f):
    return jacrev(jacrev(f))


def named(solver):
    return type(solver).__name__


def times(v, matrix):
    return (matrix @ v.unsqueeze(-1)).squeeze(-1)


def systems(kind, n, generator, batch=4):
    """Matrices and right-hand sides of one kind, well conditioned."""
    general = torch.randn(batch, n, n, dtype=DOUBLE, generator=generator) / n**0.5 + 2 * torch.eye(n, dtype=DOUBLE)
    b = torch.randn(batch, n, dtype=DOUBLE, generator=generator)
    if kind == "general":
        return general, b
    if kind == "positive":
        return general @ general.mT, b
    q = torch.linalg.qr(general)[0]
    return q @ torch.diag_embed(torch.linspace(-2, 3, n, dtype=DOUBLE).expand(batch, n)) @ q.mT, b


CASES = [("general", s) for s in GENERAL] + [("positive", s) for s in [*SYMMETRIC, *INDEFINITE]] + [("indefinite", s) for s in INDEFINITE]


@pytest.mark.parametrize(("kind", "solver"), CASES, ids=lambda value: value if isinstance(value, str) else named(value))
class TestEverySolver:
    @pytest.mark.parametrize("n", [1, 7, 24])
    def test_solution_and_report(self, kind, solver, n, generator):
        matrix, b = systems(kind, n, generator)
        b[1] = 0.0
        found = solver.solve(times, b, matrix, batch_dims=1)
        torch.testing.assert_close(found.x, torch.linalg.solve(matrix, b), rtol=1e-7, atol=1e-8)
        true = torch.linalg.vector_norm(b - times(found.x, matrix), dim=-1) / torch.linalg.vector_norm(b, dim=-1).clamp(min=1e-300)
        assert bool(found.converged.all()) and float(true.max()) < 1e-8 and float(found.residual.max()) < 1e-8
        assert found.x[1].abs().max() == 0.0 and found.steps.shape == (4,)

    def test_derivatives(self, kind, solver, generator):
        """Reverse, forward, second order, against torch.linalg.solve; a symmetric parametrisation keeps symmetric matrices symmetric."""
        matrix, b = systems(kind, 4, generator, batch=1)
        matrix, b, direction = matrix[0], b[0], 0.1 * torch.eye(4, dtype=DOUBLE) + 0.05 * torch.ones(4, 4, dtype=DOUBLE)
        exact_solver = type(solver)(rtol=1e-12)

        def implicit(t):
            return exact_solver.solve(times, b * t[0], matrix + t[1] * direction).x

        def dense(t):
            return torch.linalg.solve(matrix + t[1] * direction, b * t[0])

        t = torch.tensor([1.5, 0.2], dtype=DOUBLE)
        for transform, reference in ((jacrev, jacrev), (jacfwd, jacrev), (hessian, twice), (lambda f: jacfwd(jacfwd(f)), twice), (twice, twice)):
            torch.testing.assert_close(transform(implicit)(t), reference(dense)(t), rtol=1e-7, atol=1e-8)


def test_samples_stop_on_their_own(generator):
    """An easy sample next to a hard one takes the steps it takes alone."""
    easy, hard = torch.eye(20, dtype=DOUBLE), torch.diag(torch.logspace(0, 3, 20, dtype=DOUBLE))
    b = torch.ones(2, 20, dtype=DOUBLE)
    found = CG().solve(times, b, torch.stack([easy, hard]), batch_dims=1)
    assert found.steps[0] == 1 and found.steps[1] >= 20
    assert CG().solve(times, b[1:], hard.unsqueeze(0), batch_dims=1).steps[0] == found.steps[1]


def test_trees_and_single_systems(generator):
    matrix, b = systems("positive", 6, generator, batch=1)
    matrix = matrix[0]
    tree = {"a": b[0, :2].reshape(2, 1), "b": (b[0, 2:],)}

    def matvec(v, matrix):
        out = matrix @ torch.cat([v["a"].flatten(), v["b"][0]])
        return {"a": out[:2].reshape(2, 1), "b": (out[2:],)}

    x = CG().solve(matvec, tree, matrix).x
    torch.testing.assert_close(torch.cat([x["a"].flatten(), x["b"][0]]), torch.linalg.solve(matrix, b[0]), rtol=1e-8, atol=1e-9)


def test_vmap_equals_a_batch(generator):
    matrix, b = systems("positive", 5, generator)
    alone = vmap(lambda b, m: CG().solve(times, b, m).x)(b, matrix)
    together = CG().solve(times, b, matrix, batch_dims=1).x
    torch.testing.assert_close(alone, together, rtol=1e-12, atol=1e-13)
    shared = vmap(lambda b: CG(rtol=1e-12).solve(times, b, matrix[0]).x)(b)
    torch.testing.assert_close(shared, torch.linalg.solve(matrix[0], b.mT).mT, rtol=1e-9, atol=1e-10)
    slopes = vmap(lambda b, m: grad(lambda m: CG(rtol=1e-12).solve(times, b, m).x.sum())(m))(b, matrix)
    exact = vmap(lambda b, m: grad(lambda m: torch.linalg.solve(m, b).sum())(m))(b, matrix)
    torch.testing.assert_close(slopes, exact, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("solver", [CG, GMRES, BiCGSTAB])
def test_preconditioner_saves_steps_and_leaves_the_derivative(solver, generator):
    matrix, b = systems("positive", 30, generator, batch=2)
    matrix = matrix + torch.diag(torch.logspace(0, 4, 30, dtype=DOUBLE))
    inverse = matrix.diagonal(dim1=-2, dim2=-1).reciprocal()
    plain = solver(max_steps=3000, on_failure="ignore").solve(times, b, matrix, batch_dims=1)
    better = solver().solve(times, b.requires_grad_(), matrix, batch_dims=1, preconditioner=lambda v: inverse * v)
    assert bool((better.steps < 0.7 * plain.steps).all())
    (slope,) = torch.autograd.grad(better.x.sum(), b)
    torch.testing.assert_close(slope, torch.linalg.solve(matrix, torch.ones_like(b)), rtol=1e-7, atol=1e-9)


def test_ridge(generator):
    matrix, b = systems("positive", 5, generator)
    for solver in (CG(ridge=0.5), LU(ridge=0.5), Cholesky(ridge=0.5), NormalCG(ridge=0.5)):
        torch.testing.assert_close(solver.solve(times, b, matrix, batch_dims=1).x, torch.linalg.solve(matrix + 0.5 * torch.eye(5), b), rtol=1e-8, atol=1e-9)


class TestReports:
    def test_warns_by_default_raises_on_request(self, generator):
        matrix, b = systems("positive", 30, generator, batch=3)
        b[0] = 0.0
        with pytest.warns(ConvergenceWarning, match=r"CG: expected a residual of at most 1\.0e-10, got .* for 2 of 3 systems; raise max_steps"):
            found = CG(max_steps=2).solve(times, b, matrix, batch_dims=1)
        assert found.converged.tolist() == [True, False, False]
        with pytest.raises(ConvergenceError, match="CG: expected a residual"):
            CG(max_steps=2, on_failure="raise").solve(times, b, matrix, batch_dims=1)
        assert not bool(CG(max_steps=2, on_failure="ignore").solve(times, b, matrix, batch_dims=1).converged[1])

    @pytest.mark.parametrize("solver", [LU(), GMRES(max_steps=20), CG(max_steps=20), BiCGSTAB(max_steps=20)])
    def test_singular_matrix_is_never_silent(self, solver):
        matrix = torch.diag(torch.tensor([1.0, 0.0], dtype=DOUBLE))
        with pytest.warns(ConvergenceWarning):
            solver.solve(times, torch.ones(2, dtype=DOUBLE), matrix)

    def test_cg_on_an_indefinite_matrix_is_never_silent(self, generator):
        matrix, b = systems("indefinite", 10, generator, batch=1)
        with pytest.warns(ConvergenceWarning):
            CG().solve(times, b, -matrix @ matrix, batch_dims=1)

    def test_adjoint_solve_reports(self, generator):
        """The forward system is trivial, its transposed is not."""
        matrix, _ = systems("general", 30, generator, batch=1)
        b = (matrix[0] @ torch.eye(30, dtype=DOUBLE)[0]).requires_grad_()
        loose = GMRES(max_steps=3, restart=3, on_failure="ignore").solve(times, b, matrix[0])
        assert not bool(loose.converged)
        found = GMRES(max_steps=3, restart=3).solve
        with pytest.warns(ConvergenceWarning, match="GMRES"):
            torch.autograd.grad(found(times, b, matrix[0]).x.sum(), b)


def test_closed_over_matrix_is_refused(generator):
    matrix, b = systems("positive", 3, generator, batch=1)
    matrix.requires_grad_()
    with pytest.raises(TypeError, match=r"CG: expected a function of its arguments alone, got one that closes over .*\(matrix\)"):
        CG().solve(lambda v: times(v, matrix), b, batch_dims=1)


def test_unequal_batches_are_refused():
    with pytest.raises(ValueError, match=r"CG: batch_dims=1 needs that many equal leading axes on every leaf, got \(2, 3\), \(4, 3\)"):
        CG().solve(lambda v: v, (torch.ones(2, 3), torch.ones(4, 3)), batch_dims=1)
    with pytest.raises(TypeError, match="CG: expected tensors"):
        CG().solve(lambda v: v, (torch.ones(2, 3), "x"))
