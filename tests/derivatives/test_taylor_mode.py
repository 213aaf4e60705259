import pytest
import torch
from equation_cases import TinyNetwork, cases

from neuralpde.derivatives import ReverseMode, TaylorMode
from neuralpde.equations import Heat, KortewegDeVries, VorticityNavierStokes

CASES = {case.name: case for case in cases(2)}


def scattered(ndim, batch=2, count=7):
    generator = torch.Generator().manual_seed(0)
    both = torch.rand(batch, count, ndim + 1, generator=generator, dtype=torch.float64)
    return 2 * both[..., 1:], both[..., 0]


def evaluate(case, provider):
    """Residual, defects, and the gradient of their squares with respect to the parameters."""
    network, potential = TinyNetwork(case.grid.lengths, len(case.equation.fields)), TinyNetwork(case.grid.lengths, 1, seed=3)
    d = provider.using(potential(provider.t, *provider.x))
    residual = d.values(case.equation.residual(network(d.t, *d.x), d))
    defects = [d.values(defect) for defect in d.defects]
    loss = residual.square().mean() + sum(defect.square().mean() for defect in defects)
    return [residual, *defects, *torch.autograd.grad(loss, list(network.parameters()))]


@pytest.mark.parametrize("name", CASES)
def test_agrees_with_reverse_mode(name):
    case = CASES[name]
    points, times = scattered(case.ndim)
    ours = evaluate(case, TaylorMode.at_points(points, times, equation=case.equation))
    for value, reference in zip(ours, evaluate(case, ReverseMode.at_points(points, times)), strict=True):
        assert (value - reference).abs().max() <= 1e-10 * reference.abs().max()


def test_derivatives_of_known_functions():
    points, times = scattered(2)
    d = TaylorMode(points, times, orders=[(1, 0, 0), (0, 1, 1), (0, 2, 0), (0, 0, 2)])
    x, y = d.x
    u = d.join(torch.sin(x) * y**2 * d.t, torch.exp(x * y))
    xv, yv, tv = x.value, y.value, d.t.value
    torch.testing.assert_close(d.values(d.dx(u)), torch.cat([torch.cos(xv) * yv**2 * tv, yv * torch.exp(xv * yv)], 1))
    torch.testing.assert_close(d.values(d.dx(d.dx(u, 1), 0)), torch.cat([2 * torch.cos(xv) * yv * tv, (1 + xv * yv) * torch.exp(xv * yv)], 1))
    torch.testing.assert_close(d.values(d.dt(u)), torch.cat([torch.sin(xv) * yv**2, 0 * xv], 1))
    torch.testing.assert_close(d.values(d.laplacian(u)), torch.cat([(2 - yv**2) * torch.sin(xv) * tv, (xv**2 + yv**2) * torch.exp(xv * yv)], 1))


def test_the_soliton_has_no_residual():
    points, times = scattered(1, batch=1)
    equation = KortewegDeVries()
    d = TaylorMode.at_points(points, times, equation=equation)
    speed = 1.3
    u = speed / 2 / torch.cosh(speed**0.5 / 2 * (d.x[0] - speed * d.t)) ** 2
    assert d.values(equation.residual(u, d)).abs().max() < 1e-12


def test_one_pass_of_the_network_serves_all_derivatives():
    calls = []
    case = CASES["ks"]
    points, times = scattered(1)
    d = TaylorMode.at_points(points, times, equation=case.equation)
    network = TinyNetwork(case.grid.lengths, 1)
    network.register_forward_hook(lambda *_: calls.append(1))
    case.equation.residual(network(d.t, *d.x), d)
    assert calls == [1]


def test_values_are_refused():
    points, times = scattered(1)
    d = TaylorMode.at_points(points, times, equation=Heat(1.0))
    with pytest.raises(TypeError, match=r"TaylorMode: a field needs to be computed from d.t and d.x, got values of shape \(2, 1, 7\)"):
        d.dx(torch.ones(2, 1, 7))
    with pytest.raises(TypeError, match=r"TaylorMode: a coefficient that varies in space needs to be a callable of the provider, got values"):
        Heat(torch.ones(2, 7)).rhs(d.x[0] ** 2, d)
    torch.testing.assert_close(d.values(Heat(lambda p: p.x[0]).rhs(d.x[0] ** 2, d)), 4 * d.x[0].value)
    assert d.dx(3.0) == 0.0 and torch.count_nonzero(d.dx(torch.ones(2, 1, 1))) == 0


def test_a_derivative_that_was_not_announced_is_refused():
    points, times = scattered(1)
    d = TaylorMode.at_points(points, times, equation=Heat(1.0))
    with pytest.raises(TypeError, match=r"TaylorMode: a derivative along x\[0\] needs its multi-index among the orders, got \(\(0, 0\),\); build"):
        d.dx(torch.sin(d.x[0]), order=3)
    with pytest.raises(TypeError, match="TaylorMode: dt needs a field that depends on time"):
        TaylorMode.at_points(points, equation=Heat(1.0)).dt(d.x[0])


def test_every_poisson_solve_needs_its_own_output():
    points, times = scattered(2)
    d = TaylorMode.at_points(points, times, equation=VorticityNavierStokes())
    w = torch.sin(d.x[0])
    with pytest.raises(TypeError, match=r"TaylorMode: solve_poisson needs one extra network output per call, got 0 for call 1; use d.using\(psi\)"):
        VorticityNavierStokes().rhs(w, d)
    d = d.using(torch.cos(d.x[1]))
    VorticityNavierStokes().rhs(w, d)
    torch.testing.assert_close(d.values(d.defects[0]), -torch.cos(d.x[1].value) + w.value)
    assert d.at(d.t).defects == []
