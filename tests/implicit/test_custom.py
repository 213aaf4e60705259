"""custom_root and custom_fixed_point: every mode, every order, every shape of argument."""

from __future__ import annotations

import itertools

import pytest
import torch
from cubic_root import DERIVATIVES, THETA, attached, optimality, plain_solver, solve
from torch import nn
from torch.autograd import forward_ad
from torch.func import functional_call, grad, hessian, jacfwd, jacrev, jvp, vmap

from neuralpde.implicit import CG, LU, ConvergenceError, ConvergenceWarning, FixedPoint, NormalCG, custom_fixed_point, custom_root, stationary

DOUBLE = torch.float64


def expected(order: int) -> torch.Tensor:
    return torch.tensor(DERIVATIVES[order - 1], dtype=DOUBLE)


def close(value: torch.Tensor, order: int) -> None:
    torch.testing.assert_close(value, expected(order).expand_as(value), rtol=0, atol=5e-9)


def names(modes):
    return "-".join(mode.__name__ for mode in modes)


class TestCubic:
    def test_three_derivatives_by_autograd(self):
        theta = THETA.clone().requires_grad_()
        value = solve(theta)
        for order in (1, 2, 3):
            (value,) = torch.autograd.grad(value, theta, create_graph=True)
            close(value, order)

    @pytest.mark.parametrize("modes", [modes for order in (1, 2, 3) for modes in itertools.product((grad, jacfwd), repeat=order)], ids=names)
    def test_every_nesting_of_torch_func(self, modes):
        function = solve
        for mode in modes:
            function = mode(function)
        close(function(THETA), len(modes))
        close(vmap(function)(THETA.repeat(2)), len(modes))

    @pytest.mark.parametrize(
        "function", [vmap(grad(solve)), vmap(jacfwd(solve)), lambda t: jacrev(vmap(solve))(t).diagonal(), lambda t: jacfwd(vmap(solve))(t).diagonal()]
    )
    def test_with_vmap(self, function):
        close(function(THETA.repeat(3)), 1)

    def test_second_derivatives_with_vmap(self):
        close(vmap(grad(grad(solve)))(THETA.repeat(2)), 2)
        close(vmap(vmap(jacfwd(jacfwd(solve))))(THETA.repeat(2, 2)), 2)
        close(hessian(lambda t: vmap(solve)(t).sum())(THETA.repeat(2)).diagonal(), 2)

    def test_plain_forward_mode(self):
        with forward_ad.dual_level():
            dual = solve(forward_ad.make_dual(THETA, torch.ones_like(THETA)))
            close(forward_ad.unpack_dual(dual).tangent, 1)

    def test_gradcheck_and_gradgradcheck(self):
        theta = torch.tensor([2.0, 3.0, 5.0], dtype=DOUBLE, requires_grad=True)
        assert torch.autograd.gradcheck(solve, (theta,), check_forward_ad=True)
        assert torch.autograd.gradgradcheck(solve, (theta,), check_fwd_over_rev=True)

    def test_the_initial_guess_has_derivative_zero(self):
        init = torch.ones((), dtype=DOUBLE, requires_grad=True)
        first, second = torch.autograd.grad(attached(init, THETA.clone().requires_grad_()) * 2, (init, init))
        assert float(first) == float(second) == 0.0
        assert float(grad(attached)(torch.ones((), dtype=DOUBLE), THETA)) == 0.0


class TestArguments:
    """min over x of ½‖x − scale · (a + b)‖², solved exactly: x = scale (a + b)."""

    @staticmethod
    def F(x, a, power, *, b, scale):
        return x - scale**power * (a["value"] + b[0])

    def solver(self):
        @custom_root(self.F)
        def solver(init, a, power, *, b, scale):
            return scale**power * (a["value"] + b[0])

        return solver

    def test_keywords_in_any_order_nested_and_not_differentiable(self):
        a, b, scale = (torch.tensor(value, dtype=DOUBLE, requires_grad=True) for value in ([1.0, 2.0], [3.0, 4.0], 2.0))
        x = self.solver()(None, {"value": a, "name": "unused", "index": torch.tensor(3)}, 2, scale=scale, b=(b, None))
        grads = torch.autograd.grad(x.sum(), (a, b, scale))
        for found, exact in zip(grads, ([4.0, 4.0], [4.0, 4.0], 40.0), strict=True):
            torch.testing.assert_close(found, torch.tensor(exact, dtype=DOUBLE))

    def test_constants_may_come_first(self):
        solver = custom_root(lambda x, kind, count, theta: x**count - theta)(lambda init, kind, count, theta: theta ** (1 / count))
        theta = torch.tensor(8.0, dtype=DOUBLE)
        assert float(grad(lambda theta: solver(theta, "root", 3, theta))(theta)) == pytest.approx(1 / 12)
        assert float(grad(lambda theta: solver(theta, torch.tensor(1), 3, theta))(theta)) == pytest.approx(1 / 12)

    def test_names_decide_when_the_orders_differ(self):
        solver = custom_root(lambda x, a, b: x - a / b)(lambda init, b, a: a / b)
        a, b = torch.tensor(3.0, dtype=DOUBLE), torch.tensor(2.0, dtype=DOUBLE)
        first, second = grad(lambda a, b: solver(None, b, a), argnums=(0, 1))(a, b)
        assert (float(first), float(second)) == pytest.approx((0.5, -0.75))

    def test_trees_of_unknowns(self):
        def F(x, theta):
            return {"u": x["u"] ** 2 - theta, "v": (x["v"][0] - theta * x["u"],)}

        solver = custom_root(F)(lambda init, theta: {"u": theta.sqrt(), "v": (theta * theta.sqrt(),)})
        theta = torch.tensor([4.0, 9.0], dtype=DOUBLE)
        jacobian = jacrev(lambda theta: solver(None, theta)["v"][0])(theta)
        torch.testing.assert_close(jacobian, torch.diag(1.5 * theta.sqrt()))

    def test_aux_is_passed_on_without_derivative(self):
        @custom_root(optimality, has_aux=True)
        def solver(init, theta):
            return plain_solver(init, theta), {"steps": 50, "last": theta * 2, "name": "newton"}

        theta = THETA.clone().requires_grad_()
        x, aux = solver(torch.ones((), dtype=DOUBLE), theta)
        assert aux["steps"] == 50 and aux["name"] == "newton" and not aux["last"].requires_grad
        close(torch.autograd.grad(x, theta)[0], 1)
        last = vmap(lambda t: solver(torch.ones_like(t), t)[1]["last"])(THETA.repeat(2) + torch.arange(2))
        assert last.tolist() == [4.0, 6.0]

    def test_shared_and_batched_arguments(self):
        solver = custom_root(lambda x, a, b: x - a * b, batch_dims=1)(lambda init, a, b: a * b)
        a, b = torch.tensor([[1.0], [2.0], [3.0]], dtype=DOUBLE, requires_grad=True), torch.tensor([5.0, 7.0], dtype=DOUBLE, requires_grad=True)
        grads = torch.autograd.grad(solver(None, a, b).sum(), (a, b))
        assert grads[0].flatten().tolist() == pytest.approx([12.0] * 3) and grads[1].tolist() == pytest.approx([6.0] * 2)

    def test_module_parameters_through_functional_call(self):
        """The gradient of a fixed point of a network equals that of the differentiated loop."""
        net = nn.Linear(3, 3).double()
        with torch.no_grad():
            net.weight.mul_(0.5)
        bias = torch.randn(4, 3, dtype=DOUBLE)
        parameters = dict(net.named_parameters())

        def T(x, parameters, bias):
            return torch.tanh(functional_call(net, parameters, (x,))) + bias

        implicit = FixedPoint(tolerance=1e-13)(T, torch.zeros_like(bias), parameters, bias, batch_dims=1).x.square().sum()
        x = torch.zeros_like(bias)
        for _ in range(80):
            x = T(x, parameters, bias)
        for found, exact in zip(
            torch.autograd.grad(implicit, list(parameters.values())), torch.autograd.grad(x.square().sum(), list(parameters.values())), strict=True
        ):
            torch.testing.assert_close(found, exact, rtol=1e-9, atol=1e-11)

    def test_the_shape_of_the_optimality_is_checked(self):
        solver = custom_root(lambda x, theta: (x - theta).sum())(lambda init, theta: theta * 1)
        with pytest.raises(ValueError, match=r"custom_root: the optimality function needs the structure of the solution \(\(2,\)\), got \(\(\)\)"):
            solver(None, torch.ones(2))


class TestClosures:
    """Pitfall: what a function closes over would silently get no gradient."""

    def test_closed_over_tensor_is_refused(self):
        theta = THETA.clone().requires_grad_()
        solver = custom_root(lambda x: optimality(x, theta))(lambda init: plain_solver(init, theta.detach()))
        with pytest.raises(
            TypeError, match=r"custom_root: expected a function of its arguments alone, got one that closes over .*\(theta\); pass them as arguments"
        ):
            solver(torch.ones((), dtype=DOUBLE))

    @pytest.mark.parametrize("transform", [grad, jacfwd, lambda f: vmap(grad(f)), lambda f: grad(lambda t: vmap(lambda i: f(t.sum()))(torch.ones(2)).sum())])
    def test_it_is_refused_under_torch_func(self, transform):
        def hidden(theta):
            solver = custom_root(lambda x, other: x - theta * other)(lambda init, other: theta.detach() * other)
            return solver(None, torch.ones((), dtype=DOUBLE))

        with pytest.raises(TypeError, match="closes over tensors"):
            transform(hidden)(THETA.clone() if transform in (grad, jacfwd) else THETA.repeat(2))

    @pytest.mark.parametrize("wrap", [lambda net: net, lambda net: lambda x: net(x)])
    def test_module_with_parameters_is_refused(self, wrap):
        net, x = nn.Linear(2, 2).double(), torch.ones(2, dtype=DOUBLE)
        with pytest.raises(TypeError, match=r"parameters of a module through torch\.func\.functional_call"):
            custom_root(wrap(net))(lambda init: init)(x)
        with pytest.raises(TypeError, match="in a module, a global or an attribute"):
            FixedPoint()(wrap(net), x)
        net.requires_grad_(False)
        custom_root(wrap(net))(lambda init: init)(x)

    def test_what_only_the_value_shows_is_refused(self):
        class Holder:
            theta = THETA.clone().requires_grad_()

        solver = custom_root(lambda x, scale: x - scale * Holder.theta)(lambda init, scale: scale * Holder.theta.detach())
        with pytest.raises(TypeError, match="in a module, a global or an attribute"):
            solver(None, torch.ones((), dtype=DOUBLE))

    def test_constants_are_welcome(self):
        c = torch.tensor([1.0, 2.0], dtype=DOUBLE)
        solver = custom_root(lambda x, theta: x - c * theta)(lambda init, theta: c * theta)
        assert jacrev(lambda t: solver(None, t))(THETA).tolist() == [1.0, 2.0]


class TestHonesty:
    def test_unconverged_solver_is_reported(self):
        lazy = custom_root(optimality, tolerance=1e-6)(lambda init, theta: init)
        with pytest.warns(
            ConvergenceWarning, match=r"custom_root: expected a residual of at most 1\.0e-06, got 2\.0e\+00 for 1 of 1 systems; run the solver for longer"
        ):
            lazy(torch.ones((), dtype=DOUBLE), THETA)
        strict = custom_root(optimality, tolerance=1e-6, on_failure="raise")(lambda init, theta: init)
        with pytest.raises(ConvergenceError):
            strict(torch.ones((), dtype=DOUBLE), THETA)

    @pytest.mark.parametrize("mode", ["reverse", "forward"])
    def test_unconverged_backward_solve_is_reported(self, mode, generator):
        """A normal-equation CG that runs out of iterations used to give zero or wrong gradients without a word."""
        matrix = torch.randn(30, 30, dtype=DOUBLE, generator=generator)
        b = torch.randn(30, dtype=DOUBLE, generator=generator)

        def derivative(solve):
            solver = custom_root(lambda x, b: matrix @ x - b, solve=solve)(lambda init, b: torch.linalg.solve(matrix, b))
            f = lambda b: solver(None, b).sum()  # noqa: E731
            return grad(f)(b) if mode == "reverse" else jvp(f, (b,), (torch.ones_like(b),))[1]

        with pytest.warns(ConvergenceWarning, match=r"NormalCG: expected a residual of at most"):
            derivative(NormalCG(max_steps=3, restarts=1))
        with pytest.raises(ConvergenceError):
            derivative(NormalCG(max_steps=3, restarts=1, on_failure="raise"))
        torch.testing.assert_close(derivative(NormalCG(max_steps=2000, restarts=20, rtol=1e-9)), derivative(LU()), rtol=1e-6, atol=1e-6)

    def test_error_of_the_gradient_is_linear_in_that_of_the_solution(self):
        exact = float(grad(solve)(THETA))
        root = float(solve(THETA))
        errors = []
        for offset in (1e-2, 1e-3, 1e-4):
            rough = custom_root(optimality)(lambda init, theta, offset=offset: theta * 0 + root + offset)
            errors.append(abs(float(grad(lambda t: rough(None, t))(THETA)) - exact))  # noqa: B023
        assert errors[0] / errors[1] == pytest.approx(10, rel=0.1) and errors[1] / errors[2] == pytest.approx(10, rel=0.02)


class TestRidge:
    """Ridge regression: the classical test of implicit differentiation."""

    @staticmethod
    def objective(w, weight, X, y):
        return 0.5 * (X @ w - y).square().sum() + 0.5 * weight * w.square().sum()

    def solver(self, solve=None):
        @custom_root(stationary(self.objective), solve=solve)
        def ridge(init, weight, X, y):
            return torch.linalg.solve(X.T @ X + weight * torch.eye(X.shape[1], dtype=X.dtype), X.T @ y)

        return ridge

    @pytest.mark.parametrize("solve", [None, CG(rtol=1e-13), NormalCG(rtol=1e-12)])
    def test_against_finite_differences(self, solve, generator):
        X, y = torch.randn(40, 6, dtype=DOUBLE, generator=generator), torch.randn(40, dtype=DOUBLE, generator=generator)
        ridge, weight, h = self.solver(solve), torch.tensor(10.0, dtype=DOUBLE), 1e-4
        found = jacrev(lambda t: ridge(None, t, X, y))(weight)
        difference = (ridge(None, weight + h, X, y) - ridge(None, weight - h, X, y)) / (2 * h)
        torch.testing.assert_close(found, difference, rtol=1e-6, atol=1e-10)
        torch.testing.assert_close(jacfwd(lambda t: ridge(None, t, X, y))(weight), found, rtol=1e-9, atol=1e-12)

    def test_data_too(self, generator):
        X, y = torch.randn(4, 2, dtype=DOUBLE, generator=generator), torch.randn(4, dtype=DOUBLE, generator=generator)
        ridge = self.solver()
        inputs = (torch.tensor(2.0, dtype=DOUBLE, requires_grad=True), X.requires_grad_(), y.requires_grad_())
        assert torch.autograd.gradcheck(lambda *a: ridge(None, *a), inputs, check_forward_ad=True)
        assert torch.autograd.gradgradcheck(lambda *a: ridge(None, *a), inputs)


def test_fixed_point_equals_root(generator):
    """x = cos(ax): dx/da = −x sin(ax) / (1 + a sin(ax))."""
    iterate = custom_fixed_point(lambda x, a: torch.cos(a * x), batch_dims=1)(lambda init, a: plain_iteration(init, a))
    a = torch.tensor([0.3, 0.9], dtype=DOUBLE)
    x = iterate(torch.ones_like(a), a)
    exact = -x * torch.sin(a * x) / (1 + a * torch.sin(a * x))
    torch.testing.assert_close(jacrev(lambda a: iterate(torch.ones_like(a), a))(a), torch.diag(exact), rtol=1e-10, atol=1e-12)


def plain_iteration(x, a):
    for _ in range(300):
        x = torch.cos(a * x)
    return x


def test_batches_keep_their_blocks(generator):
    """batch_dims=1 solves one system per sample: an ill-conditioned sample does not spoil the others, and derivatives do not leak."""
    scale = torch.tensor([1.0, 1e6], dtype=DOUBLE)
    base = torch.randn(2, 5, 5, dtype=DOUBLE, generator=generator)
    matrix = base @ base.mT + torch.eye(5, dtype=DOUBLE)
    matrix[1] = matrix[1] * (1 + scale[1] * torch.diag(torch.arange(5.0, dtype=DOUBLE)))

    @custom_root(lambda x, b: (matrix @ x.unsqueeze(-1)).squeeze(-1) - b, batch_dims=1, solve=CG(rtol=1e-12, max_steps=200))
    def solver(init, b):
        return torch.linalg.solve(matrix, b)

    jacobian = jacrev(lambda b: solver(None, b))(torch.ones(2, 5, dtype=DOUBLE))
    assert float(jacobian[0, :, 1].abs().max()) == float(jacobian[1, :, 0].abs().max()) == 0.0
    torch.testing.assert_close(jacobian[0, :, 0], torch.linalg.inv(matrix[0]), rtol=1e-9, atol=1e-11)
