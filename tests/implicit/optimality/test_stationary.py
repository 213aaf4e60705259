"""Stationary points, least squares as roots."""

from __future__ import annotations

import torch

from neuralpde.implicit import least_squares, stationary

DOUBLE = torch.float64


def test_gradient_of_a_tree_and_of_a_batch():
    F = stationary(lambda x, c: x["a"].square().sum(-1) * c + x["b"][0].sum(-1))
    x = {"a": torch.tensor([[1.0, 2.0], [3.0, 4.0]]), "b": (torch.zeros(2, 1),)}
    found = F(x, torch.tensor([1.0, 10.0]))
    assert found["a"].tolist() == [[2.0, 4.0], [60.0, 80.0]] and found["b"][0].tolist() == [[1.0], [1.0]]


def test_least_squares_has_the_full_hessian():
    residual = lambda x, t: torch.exp(x * t) - 2.0  # noqa: E731
    x, t = torch.tensor(0.3, dtype=DOUBLE), torch.tensor([1.0, 2.0], dtype=DOUBLE)
    r, J, second = residual(x, t), t * torch.exp(x * t), t * t * torch.exp(x * t)
    torch.testing.assert_close(least_squares(residual)(x, t), J @ r)
    torch.testing.assert_close(torch.func.grad(least_squares(residual))(x, t), J @ J + r @ second)
