import pytest
import torch

from neuralpde.derivatives import ReverseMode
from neuralpde.equations import Heat, VorticityNavierStokes


def leaves(batch=2, points=5, ndim=1):
    generator = torch.Generator().manual_seed(0)
    coordinates = torch.rand(batch, points, ndim + 1, generator=generator, dtype=torch.float64)
    return ReverseMode.at_points(coordinates[..., 1:], coordinates[..., 0])


def test_derivatives_of_known_functions():
    d = leaves(ndim=2)
    x, y = d.x
    u = d.join(torch.sin(x) * y**2 * d.t, torch.exp(x * y))
    torch.testing.assert_close(d.dx(u), d.join(torch.cos(x) * y**2 * d.t, y * torch.exp(x * y)))
    torch.testing.assert_close(d.dx(d.dx(u, 1), 0), d.join(2 * torch.cos(x) * y * d.t, (1 + x * y) * torch.exp(x * y)))
    torch.testing.assert_close(d.dt(u), d.join(torch.sin(x) * y**2, 0 * x))
    torch.testing.assert_close(d.laplacian(u), d.join((2 - y**2) * torch.sin(x) * d.t, (x**2 + y**2) * torch.exp(x * y)))


def test_derivatives_beyond_the_degree_of_a_polynomial_are_zero():
    d = leaves()
    u = d.x[0] ** 2
    torch.testing.assert_close(d.dx(u, order=2), torch.full_like(u, 2.0))
    assert torch.count_nonzero(d.dx(u, order=4)) == 0
    assert torch.count_nonzero(d.dx(d.dx(u, order=2) + d.dx(u, order=2))) == 0
    assert d.dx(3.0) == 0.0 and torch.count_nonzero(d.dx(torch.ones(2, 1, 1))) == 0


def test_values_are_refused():
    """Their derivative would be zero: 87 % error in a Darcy problem, without a word."""
    d = leaves()
    with pytest.raises(TypeError, match=r"ReverseMode: a field needs to be computed from d.t and d.x, got values of shape \(2, 1, 5\)"):
        d.dx(torch.ones(2, 1, 5))
    with pytest.raises(TypeError, match=r"ReverseMode: a coefficient that varies in space needs to be a callable of the provider, got values"):
        Heat(torch.ones(2, 5)).rhs(d.x[0] ** 2, d)
    torch.testing.assert_close(Heat(lambda p: p.x[0]).rhs(d.x[0] ** 2, d), 4 * d.x[0])


def test_gradients_are_memoised_but_fields_are_not_confused(monkeypatch):
    d, calls, original = leaves(), [], torch.autograd.grad
    monkeypatch.setattr(torch.autograd, "grad", lambda *args, **kwargs: calls.append(1) or original(*args, **kwargs))
    u = torch.sin(d.x[0])
    d.dx(u, order=3)
    d.dx(u, order=2)
    assert len(calls) == 3
    for factor in range(20):  # freed temporaries must not hand their id on to the next field
        torch.testing.assert_close(d.dx(factor * d.x[0]), torch.full((2, 1, 5), float(factor), dtype=torch.float64))


def test_residual_trains_a_network():
    """Gradients of the squared residual reach the parameters and agree with a difference quotient."""
    weight = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)

    def loss(w):
        d = leaves()
        return Heat(0.3).residual(torch.tanh(w * d.x[0] + d.t), d).square().mean()

    (gradient,) = torch.autograd.grad(loss(weight), weight)
    expected = (loss(weight.detach() + 1e-6) - loss(weight.detach() - 1e-6)) / 2e-6
    torch.testing.assert_close(gradient, expected, rtol=1e-6, atol=1e-9)


def test_every_poisson_solve_needs_its_own_output():
    d = leaves(ndim=2)
    w = torch.sin(d.x[0])
    with pytest.raises(TypeError, match=r"ReverseMode: solve_poisson needs one extra network output per call, got 0 for call 1; use d.using\(psi\)"):
        VorticityNavierStokes().rhs(w, d)
    d = d.using(torch.cos(d.x[1]))
    VorticityNavierStokes().rhs(w, d)
    torch.testing.assert_close(d.defects[0], -torch.cos(d.x[1]) + w)
    with pytest.raises(TypeError, match="got 1 for call 2"):
        VorticityNavierStokes().rhs(w, d)
    assert d.at(0.5).defects == []


def test_scattered_points_have_no_mean_and_a_number_no_time_derivative():
    d = ReverseMode.at_points(torch.linspace(0, 1, 4)[:, None])
    with pytest.raises(TypeError, match="ReverseMode: mean needs a quadrature"):
        d.mean(d.x[0])
    with pytest.raises(TypeError, match="ReverseMode: dt needs a field that depends on time"):
        d.dt(d.x[0])


def test_leaves_are_checked():
    with pytest.raises(ValueError, match=r"ReverseMode: needs leaves .* that require gradients, got other tensors; build it with ReverseMode.at_points"):
        ReverseMode([torch.ones(1, 1, 4)])
