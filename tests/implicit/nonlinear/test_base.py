"""What all non-linear solvers share."""

from __future__ import annotations

import pytest
import torch
from torch.func import vmap

from neuralpde.implicit import Anderson, FixedPoint, LevenbergMarquardt, Newton
from neuralpde.implicit.nonlinear import Problem

DOUBLE = torch.float64


@pytest.mark.parametrize("solver", [Newton(), FixedPoint(), Anderson(), LevenbergMarquardt()])
def test_closed_over_tensors_are_refused(solver):
    theta = torch.ones(2, requires_grad=True)
    with pytest.raises(TypeError, match=rf"{type(solver).__name__}: expected a function of its arguments alone.*\(theta\)"):
        solver(lambda x: 0.5 * (x - theta), torch.ones(2))


def test_trees_strangers_and_precision():
    def F(x, theta, name):
        return {"a": x["a"] - theta[name][0], "b": x["b"] ** 2 - theta[name][1]}

    theta = {"first": (torch.tensor([1.0, 2.0]), torch.tensor([[4.0], [9.0]], requires_grad=True))}
    found = Newton()(F, {"a": torch.zeros(2), "b": torch.ones(2, 1)}, theta, "first", batch_dims=1)
    assert found.x["a"].dtype == torch.float32 and found.x["b"].flatten().tolist() == [2.0, 3.0]
    (slope,) = torch.autograd.grad(found.x["b"].sum(), theta["first"][1])
    assert slope.dtype == torch.float32 and slope.flatten().tolist() == pytest.approx([0.25, 1 / 6])


def test_statistics_have_the_shape_of_the_batch():
    found = Newton()(lambda x, t: x**3 - t, torch.ones(2, 3, 4, dtype=DOUBLE), torch.full((2, 3, 4), 8.0, dtype=DOUBLE), batch_dims=2)
    assert found.converged.shape == found.steps.shape == found.norm.shape == (2, 3)
    steps = vmap(lambda t: Newton()(lambda x, t: x - t, torch.zeros(1, dtype=DOUBLE), t).steps)(torch.ones(5, 1, dtype=DOUBLE))
    assert steps.tolist() == [1] * 5


def test_vectorised_jacobian_is_the_jacobian(generator):
    x, a = torch.randn(3, 2, dtype=DOUBLE, generator=generator), torch.randn(3, 4, dtype=DOUBLE, generator=generator)
    problem = Problem(lambda x, a: torch.sin(x.sum(-1, keepdim=True) * a) + x[..., :1])
    exact = vmap(torch.func.jacrev(problem.function))(x, a)
    torch.testing.assert_close(problem.jacobian_at(x, (a,)), exact)
