import pytest
import torch
from equation_cases import TinyNetwork
from taylor_oracle import points

from neuralpde.derivatives import ReverseMode, SparseDirections, StochasticTaylor, unbiased_square
from neuralpde.equations import Heat

LENGTHS = (1.0, 2.0, 3.0)


def reference(x, t):
    d = ReverseMode.at_points(x, t)
    return Heat(0.3).residual(TinyNetwork(LENGTHS, 1)(d.t, *d.x), d).detach()


def test_all_directions_agree_with_reverse_mode():
    x, t = points(7, 3), points(7, seed=1)
    d = StochasticTaylor.at_points(x, t)
    network = TinyNetwork(LENGTHS, 1)
    residual = d.values(Heat(0.3).residual(network(d.t, *d.x), d))
    torch.testing.assert_close(residual, reference(x, t), rtol=1e-10, atol=1e-10)


def by_points(t, x):
    """The same network, on rows of points."""
    network = TinyNetwork(LENGTHS, 1)
    columns = [x[:, axis].reshape(1, 1, -1) for axis in range(3)]
    return network(t.reshape(1, 1, -1), *columns).reshape(-1, 1)


def test_fields_of_networks_on_points():
    x, t = points(7, 3), points(7, seed=1)
    d = StochasticTaylor.at_points(x, t)
    torch.testing.assert_close(d.values(Heat(0.3).residual(d.field(by_points), d)), reference(x, t), rtol=1e-10, atol=1e-10)
    concatenated = StochasticTaylor.at_points(x, t, directions=SparseDirections(3, torch.Generator()))
    u = concatenated.field(lambda s, y: torch.tanh(torch.cat([s, y], -1) @ torch.ones(4, 2, dtype=torch.float64)))
    total = torch.tanh(t + x.sum(-1))
    torch.testing.assert_close(concatenated.values(concatenated.dt(u))[0, 1], 1 - total**2)
    torch.testing.assert_close(concatenated.values(concatenated.laplacian(u))[0, 0], -6 * total * (1 - total**2))


def test_estimates_have_the_right_mean_and_draws_along_the_batch():
    x, t, exact = points(5, 3), points(5, seed=1), reference(points(5, 3), points(5, seed=1))
    law = SparseDirections(1, torch.Generator().manual_seed(0), draws=2)
    residuals, squares = [], []
    for _ in range(120):
        d = StochasticTaylor.at_points(x, t, directions=law)
        residual = d.values(Heat(0.3).residual(d.field(by_points), d))
        residuals.append(residual)
        squares.append(unbiased_square(residual))
    draws, products = torch.cat(residuals), torch.stack(squares)
    assert draws.shape == (240, 1, 5)
    assert ((draws.mean(0) - exact[0]).abs() < 4 * draws.std(0) / 240**0.5).all()
    assert ((products.mean(0) - exact[0].square()).abs() < 4 * products.std(0) / 120**0.5).all()


def test_only_the_laplacian_is_known():
    d = StochasticTaylor.at_points(points(4, 3))
    u = d.field(lambda x: torch.sin(x).sum(-1, keepdim=True))
    with pytest.raises(TypeError, match="StochasticTaylor: only the Laplacian is known, got a request for dx along axis 1; use TaylorMode or ReverseMode"):
        d.dx(u, 1)
    with pytest.raises(TypeError, match=r"StochasticTaylor: laplacian needs a field computed from the jets of this provider, got Jet; use d.field"):
        d.biharmonic(u)
    with pytest.raises(TypeError, match="StochasticTaylor: dt needs a field that depends on time"):
        d.dt(u)
    with pytest.raises(TypeError, match="StochasticTaylor: a diffusivity needs to be constant in space, got a field"):
        d.diffuse(d.x[0], u)


def test_nonlinear_terms_use_exact_values():
    d = StochasticTaylor.at_points(points(4, 3), directions=SparseDirections(2, torch.Generator()))
    u = d.field(lambda x: torch.sin(x).sum(-1, keepdim=True))
    residual = d.laplacian(u) + torch.sin(u) - 0.5
    torch.testing.assert_close(d.values(residual), d.values(d.laplacian(u)) + torch.sin(u.value) - 0.5)
    constant = d.field(lambda x: x[:, :1] * 2.0)
    assert torch.count_nonzero(d.values(d.laplacian(constant))) == 0
