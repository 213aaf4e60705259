"""Preconditioners that depend on the parameters of the system, in all derivatives and batches."""

from __future__ import annotations

import pytest
import torch
from torch.func import grad, jacfwd, jacrev, vmap

from neuralpde.implicit import CG, GMRES, LU, BiCGSTAB, ConvergenceError, custom_fixed_point, custom_root
from neuralpde.implicit.linear import Dependent

DOUBLE = torch.float64
STIFFNESS = torch.logspace(0, 4, 30, dtype=DOUBLE)
COUPLING = 0.3 * torch.randn(30, 30, generator=torch.Generator().manual_seed(0), dtype=DOUBLE)


def balance(x, theta, *, coupling):
    """A non-linear system whose Jacobian is far from symmetric, and which rows of very different size make hard for a Krylov solver."""
    return STIFFNESS * (x + 0.1 * x**3 - theta) + x @ coupling.T


def rows_scaled(x, theta, *, coupling):
    """Elimination within a lower triangle of the Jacobian: neither symmetric nor free of the solution."""
    lower = torch.diag_embed(STIFFNESS * (1 + 0.3 * x**2)) + coupling.tril(-1)
    return lambda v: torch.linalg.solve_triangular(lower, v.unsqueeze(-1), upper=False).squeeze(-1)


def decorated(solve, preconditioner=None):
    @custom_root(balance, solve=solve, batch_dims=0, preconditioner=preconditioner)
    def solver(init, theta, *, coupling):
        x = init
        for _ in range(30):
            x = x - torch.linalg.solve(torch.diag(STIFFNESS * (1 + 0.3 * x**2)) + coupling, balance(x, theta, coupling=coupling))
        return x

    return lambda theta: solver(torch.zeros(30, dtype=DOUBLE), theta, coupling=COUPLING)


THETA = torch.linspace(-1, 1, 30, dtype=DOUBLE)
FEW = GMRES(max_steps=18, restart=18, rtol=1e-11, on_failure="raise")


@pytest.fixture(scope="module")
def exact():
    return jacrev(decorated(LU()))(THETA)


@pytest.mark.parametrize("mode", [jacrev, jacfwd])
def test_few_steps_suffice_in_both_modes(mode, exact):
    with pytest.raises(ConvergenceError):
        mode(decorated(FEW))(THETA)
    torch.testing.assert_close(mode(decorated(FEW, rows_scaled))(THETA), exact, rtol=1e-8, atol=1e-10)


def test_plain_backward_counts_fewer_products(exact):
    """The rows of the Jacobian, with the steps that each solver needs."""
    steps = {}
    for name, preconditioner in (("plain", None), ("preconditioned", rows_scaled)):
        spent = []

        class Counted(GMRES):
            def iterate(self, operator, b, preconditioner, spent=spent):
                x, used = super().iterate(operator, b, preconditioner)
                spent.append(int(used))
                return x, used

        theta = THETA.clone().requires_grad_()
        x = decorated(Counted(restart=60, rtol=1e-11), preconditioner)(theta)
        (slope,) = torch.autograd.grad(x[3], theta)
        torch.testing.assert_close(slope, exact[3], rtol=1e-8, atol=1e-10)
        steps[name] = spent[0]
    assert steps["preconditioned"] < 0.6 * steps["plain"], steps


def test_higher_derivatives_keep_it():
    second, reference = (grad(lambda t, f=f: grad(lambda s: f(s).square().sum())(t)[2])(THETA) for f in (decorated(FEW, rows_scaled), decorated(LU())))
    torch.testing.assert_close(second, reference, rtol=1e-7, atol=1e-9)


def test_under_vmap_every_sample_has_its_own():
    thetas = torch.stack([THETA, 2 * THETA, THETA.flip(0)])
    slopes, reference = (vmap(grad(lambda t, f=f: f(t).square().sum()))(thetas) for f in (decorated(FEW, rows_scaled), decorated(LU())))
    torch.testing.assert_close(slopes, reference, rtol=1e-7, atol=1e-9)


def test_fixed_point_of_a_batch():
    """The preconditioner sees the whole batch; rates near 1 make ∂T/∂x − I badly conditioned."""
    rates = torch.logspace(-4, 0, 40, dtype=DOUBLE)

    def settle(x, theta):
        return x - rates * (x - theta) - 0.01 * rates * torch.sin(x.sum(-1, keepdim=True))

    def solver(init, theta):
        for _ in range(60):
            slope = torch.eye(40, dtype=DOUBLE) + 0.01 * torch.cos(init.sum(-1))[:, None, None]
            init = init + torch.linalg.solve(slope, (settle(init, theta) - init) / rates)
        return init

    few = BiCGSTAB(max_steps=6, rtol=1e-10, on_failure="raise")
    theta = torch.stack([torch.linspace(-1, 1, 40, dtype=DOUBLE), torch.linspace(0, 1, 40, dtype=DOUBLE)]).requires_grad_()
    slopes = []
    for options in ({"solve": LU()}, {"solve": few, "preconditioner": lambda x, theta: lambda v: -v / rates}):
        x = custom_fixed_point(settle, batch_dims=1, **options)(solver)(torch.zeros(2, 40, dtype=DOUBLE), theta)
        slopes += torch.autograd.grad(x.square().sum(), theta)
    torch.testing.assert_close(slopes[1], slopes[0], rtol=1e-7, atol=1e-9)


def test_captured_tensors_are_refused():
    scale = torch.ones(30, dtype=DOUBLE, requires_grad=True)
    with pytest.raises(TypeError, match=r"closes over tensors that need derivatives \(scale\)"):
        decorated(CG(), lambda x, theta, *, coupling: lambda v: scale * v)(THETA)


def test_transposed_and_repeated_products():
    lower = torch.tril(torch.randn(4, 4, generator=torch.Generator().manual_seed(1), dtype=DOUBLE))
    both = Dependent(lambda matrix: lambda v: (matrix @ v.unsqueeze(-1)).squeeze(-1))
    v = torch.arange(4.0, dtype=DOUBLE)
    torch.testing.assert_close(both.adjoint().at(lower)(v), lower.T @ v)
    many, matrices = torch.stack([v, 1 - v]), torch.stack([lower, lower.T])
    torch.testing.assert_close(both.batched((None,)).adjoint().at(lower)(many), many @ lower)
    torch.testing.assert_close(both.batched((0,)).at(matrices)(many), torch.stack([lower @ v, lower.T @ (1 - v)]))
