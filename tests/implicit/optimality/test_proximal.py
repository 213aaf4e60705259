"""Proximal maps and the fixed points of proximal and projected gradient."""

from __future__ import annotations

import pytest
import torch
from torch.func import jacfwd, jacrev

from neuralpde.implicit import (
    custom_root,
    project_simplex,
    projected_gradient,
    prox_elastic_net,
    prox_group_lasso,
    prox_lasso,
    prox_ridge,
    proximal_gradient,
)

DOUBLE = torch.float64


def squares(w, X, y):
    return 0.5 * (X @ w - y).square().sum()


def iterate(step, start, num_steps=600):
    for _ in range(num_steps):
        start = step(start)
    return start


@pytest.mark.parametrize(
    ("prox", "weight", "penalty"),
    [
        (prox_lasso, 0.3, lambda x, a: a * x.abs().sum()),
        (prox_ridge, 0.3, lambda x, a: 0.5 * a * x.square().sum()),
        (prox_elastic_net, (0.3, 0.5), lambda x, a: a[0] * x.abs().sum() + 0.5 * a[1] * x.square().sum()),
        (prox_group_lasso, 0.3, lambda x, a: a * x.norm()),
    ],
)
def test_prox_is_the_minimiser(prox, weight, penalty, generator):
    for _ in range(10):
        v = torch.randn(4, dtype=DOUBLE, generator=generator)
        value = lambda x: float(0.5 * (x - v).square().sum() + penalty(x, weight))  # noqa: B023, E731
        x = prox(v, weight)
        assert all(value(x) <= value(x + 1e-3 * torch.randn(4, dtype=DOUBLE, generator=generator)) for _ in range(50))
    assert torch.isfinite(jacrev(lambda v: prox(v, weight))(torch.zeros(4, dtype=DOUBLE))).all()


class TestLasso:
    def data(self, generator):
        X = torch.randn(30, 8, dtype=DOUBLE, generator=generator)
        truth = torch.tensor([2.0, -1.0, 0, 0, 1.5, 0, 0, 0], dtype=DOUBLE)
        return X, X @ truth + 0.1 * torch.randn(30, dtype=DOUBLE, generator=generator)

    @staticmethod
    def solver():
        @custom_root(proximal_gradient(squares, prox_lasso), tolerance=1e-8, on_failure="raise")
        def lasso(init, weight, X, y):
            length = 1 / torch.linalg.matrix_norm(X, 2) ** 2
            return iterate(lambda w: prox_lasso(w - length * X.T @ (X @ w - y), length * weight), torch.zeros(8, dtype=DOUBLE))

        return lasso

    def test_derivative_lives_on_the_support(self, generator):
        """On the support dw/dλ = −(XᵀX)⁻¹ sign(w), off it zero; finite differences agree."""
        X, y = self.data(generator)
        lasso, weight, h = self.solver(), torch.tensor(5.0, dtype=DOUBLE), 1e-5
        w = lasso(None, weight, X, y)
        support = w != 0
        assert 0 < int(support.sum()) < 8
        active = X[:, support]
        exact = torch.zeros(8, dtype=DOUBLE)
        exact[support] = -torch.linalg.solve(active.T @ active, w[support].sign())
        difference = (lasso(None, weight + h, X, y) - lasso(None, weight - h, X, y)) / (2 * h)
        torch.testing.assert_close(difference, exact, rtol=1e-6, atol=1e-8)
        for transform in (jacrev, jacfwd):
            torch.testing.assert_close(transform(lambda t: lasso(None, t, X, y))(weight), exact, rtol=1e-8, atol=1e-10)

    def test_by_the_data(self, generator):
        X, y = self.data(generator)
        lasso, weight = self.solver(), torch.tensor(5.0, dtype=DOUBLE)
        support = lasso(None, weight, X, y) != 0
        found = jacrev(lambda y: lasso(None, weight, X, y))(y)
        torch.testing.assert_close(found[support], torch.linalg.pinv(X[:, support]), rtol=1e-8, atol=1e-10)
        assert float(found[~support].abs().max()) == 0.0


def test_projected_gradient_on_the_simplex(generator):
    """min ½‖Xw − y‖² on a simplex: finite differences by its size and by y."""
    X, y = torch.randn(20, 5, dtype=DOUBLE, generator=generator), torch.randn(20, dtype=DOUBLE, generator=generator)

    @custom_root(projected_gradient(squares, project_simplex), tolerance=1e-7, on_failure="raise")
    def solver(init, total, X, y):
        length = 1 / torch.linalg.matrix_norm(X, 2) ** 2
        return iterate(lambda w: project_simplex(w - length * X.T @ (X @ w - y), total), torch.full((5,), 0.2, dtype=DOUBLE), 400)

    total, h = torch.tensor(1.0, dtype=DOUBLE), 1e-5
    w = solver(None, total, X, y)
    assert int((w > 0).sum()) > 0 and abs(float(w.sum()) - 1) < 1e-12
    difference = (solver(None, total + h, X, y) - solver(None, total - h, X, y)) / (2 * h)
    torch.testing.assert_close(jacrev(lambda t: solver(None, t, X, y))(total), difference, rtol=1e-6, atol=1e-8)
    direction = torch.randn(20, dtype=DOUBLE, generator=generator)
    difference = (solver(None, total, X, y + h * direction) - solver(None, total, X, y - h * direction)) / (2 * h)
    torch.testing.assert_close(jacrev(lambda y: solver(None, total, X, y))(y) @ direction, difference, rtol=1e-6, atol=1e-8)
