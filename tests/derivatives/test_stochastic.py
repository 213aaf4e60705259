import pytest
import torch
from equation_cases import TinyNetwork
from taylor_oracle import points

from neuralpde.derivatives import RademacherDirections, ReverseMode, SparseDirections, StochasticTaylor, unbiased_square
from neuralpde.equations import Heat

LENGTHS = (1.0, 2.0, 3.0)


def reference(x, t):
    d = ReverseMode.at_points(x, t)
    return Heat(0.3).residual(TinyNetwork(LENGTHS, 1)(d.t, *d.x), d).detach()


def by_points(coordinates):
    """The same network, on rows of points with the time last."""
    columns = [coordinates[:, axis].reshape(1, 1, -1) for axis in range(4)]
    return TinyNetwork(LENGTHS, 1)(columns[3], *columns[:3]).reshape(-1, 1)


@pytest.mark.parametrize("directions", [None, SparseDirections(3, torch.Generator())], ids=["all", "all sampled"])
def test_all_directions_agree_with_reverse_mode(directions):
    x, t = points(7, 3), points(7, seed=1)
    d = StochasticTaylor(by_points, x, t, directions=directions)
    torch.testing.assert_close(Heat(0.3).residual(d.field, d), reference(x, t), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("law", [SparseDirections, RademacherDirections])
def test_time_is_no_direction_of_the_laplacian_and_coordinates_are_at_hand(law):
    x, t = points(7, 3), points(7, seed=1)
    d = StochasticTaylor(lambda y: torch.tanh(y @ torch.ones(4, 2, dtype=y.dtype)), x, t, directions=law(3, torch.Generator()))
    total = torch.tanh(t + x.sum(-1))
    torch.testing.assert_close(d.dt(d.field)[0, 1], 1 - total**2)
    torch.testing.assert_close(torch.tanh(d.t + sum(d.x))[0, 0], total)
    if law is SparseDirections:
        torch.testing.assert_close(d.laplacian(d.field)[0, 0], -6 * total * (1 - total**2))
    else:  # D²f[v, v] is (v₁ + v₂ + v₃)² f'': 1 or 9 times f'', for all points the same
        ratio = d.laplacian(d.field)[0, 0] / (-2 * total * (1 - total**2))
        torch.testing.assert_close(ratio, ratio[:1].expand(7))


def test_estimates_have_the_right_mean_and_draws_along_the_batch():
    x, t, exact = points(5, 3), points(5, seed=1), reference(points(5, 3), points(5, seed=1))
    law = SparseDirections(1, torch.Generator().manual_seed(0), draws=2)
    residuals, squares = [], []
    for _ in range(120):
        d = StochasticTaylor(by_points, x, t, directions=law)
        residual = Heat(0.3).residual(d.field, d)
        residuals.append(residual)
        squares.append(unbiased_square(residual))
    draws, products = torch.cat(residuals), torch.stack(squares)
    assert draws.shape == (240, 1, 5)
    assert ((draws.mean(0) - exact[0]).abs() < 4 * draws.std(0) / 240**0.5).all()
    assert ((products.mean(0) - exact[0].square()).abs() < 4 * products.std(0) / 120**0.5).all()


def test_derived_fields_and_other_derivatives_are_refused():
    d = StochasticTaylor(lambda x: torch.sin(x).sum(-1, keepdim=True), points(4, 3))
    for derived in (d.field.square(), d.laplacian(d.field)):
        with pytest.raises(TypeError, match="StochasticTaylor: needs the Laplacian of the solution, got another field or operator than what was diff"):
            d.laplacian(derived)
    with pytest.raises(TypeError, match=r"StochasticTaylor: knows whole operators only, got a request for ∂\^1 along axis 1; .* ReverseMode or TaylorMode"):
        d.dx(d.field, 1)
    with pytest.raises(TypeError, match="StochasticTaylor: needs the derivative in time"):
        d.dt(d.field)
    with pytest.raises(TypeError, match="StochasticTaylor: a diffusivity needs to be constant in space"):
        d.diffuse(d.x[0], d.field)


def test_only_the_network_needs_rules():
    d = StochasticTaylor(lambda x: torch.sin(x).sum(-1, keepdim=True), points(4, 3))
    expected = -torch.sin(points(4, 3)).sum(-1)
    residual = d.laplacian(d.field) + torch.special.bessel_j0(d.field)
    torch.testing.assert_close(residual[0, 0], expected + torch.special.bessel_j0(-expected))
    linear = StochasticTaylor(lambda x: x[:, :1] * 2.0, points(4, 3))
    assert torch.count_nonzero(linear.laplacian(linear.field)) == 0
