import math

import pytest
import torch
from taylor_oracle import nested, points, projected, random_series
from torch import nn

from neuralpde.derivatives import collapsed, directional, jet
from neuralpde.derivatives.taylor import UnitTangent, straight_lines


def quintic(x):
    """Has all third-order mixed derivatives."""
    return torch.sin(x[..., 0] * x[..., 1]) + x[..., 0] ** 3 * x[..., 1] ** 2


def test_faa_di_bruno_of_low_orders():
    """The readings of F₁ to F₄, written out with nested derivatives."""
    x, v = points(2), random_series(points(2), 4)
    gradient, hessian = torch.func.jacrev(quintic), torch.func.hessian(quintic)
    third, fourth = torch.func.jacrev(hessian), torch.func.jacrev(torch.func.jacrev(hessian))
    d1, d2, d3, d4 = gradient(x), hessian(x), third(x), fourth(x)
    values = jet(quintic, x, v)
    torch.testing.assert_close(values[1], d1 @ v[0])
    torch.testing.assert_close(values[2], d1 @ v[1] + v[0] @ d2 @ v[0])
    torch.testing.assert_close(values[3], d1 @ v[2] + 3 * v[0] @ d2 @ v[1] + torch.einsum("ijk,i,j,k", d3, v[0], v[0], v[0]))
    expected = d1 @ v[3] + 4 * v[0] @ d2 @ v[2] + 3 * v[1] @ d2 @ v[1]
    expected += 6 * torch.einsum("ijk,i,j,k", d3, v[0], v[0], v[1]) + torch.einsum("ijkl,i,j,k,l", d4, *[v[0]] * 4)
    torch.testing.assert_close(values[4], expected)


def test_six_orders_of_a_network_by_nested_reverse_mode():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)).double()
    x = points(1, 2)
    series = random_series(x, 6)
    for value, reference in zip(jet(net, x, series)[1:], nested(net, x, series), strict=True):
        torch.testing.assert_close(projected(value), reference, rtol=1e-10, atol=1e-10)


def test_high_orders_of_a_known_function():
    """Derivatives of exp(2s) up to order 25: factorials above 20! do not fit an integer of 64 bits."""
    one = torch.ones(1, dtype=torch.float64)
    values = jet(torch.exp, 0 * one, [2 * one, *[None] * 24])
    for k, value in enumerate(values):
        assert float(value) == pytest.approx(2.0**k, rel=1e-12)


def test_collapsed_sums_equal_sums_of_directions():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 8), nn.SiLU(), nn.Linear(8, 2)).double()
    x, lines, weights = points(4, 3), points(6, 1, 3, seed=1), points(2, 6, seed=2)
    for order in range(1, 8):
        value, single = directional(net, x, lines, order=order)
        same, sums = collapsed(net, x, lines, order=order, weights=weights)
        torch.testing.assert_close(value, same)
        torch.testing.assert_close(sums, torch.tensordot(weights, single, dims=1), rtol=1e-10, atol=1e-12 * math.factorial(order))


def test_collapsed_mode_carries_one_top_coefficient():
    top = straight_lines(torch.tanh, points(4, 3), points(6, 1, 3), 2, torch.ones(1, 6, dtype=torch.float64)).coefficients[2]
    assert top.shape == (1, 4, 3)


def test_constants_have_zero_derivatives():
    assert [float(entry) for entry in jet(lambda x: torch.tensor(3.0), torch.tensor(1.0), [torch.tensor(1.0), None])] == [3.0, 0.0, 0.0]
    assert float(directional(lambda x: torch.tensor(3.0), torch.tensor(1.0), torch.ones(2), order=2)[1].sum()) == 0


def test_one_tensor_must_come_back():
    with pytest.raises(TypeError, match="jet: f needs to return one tensor, got tuple; return the output that is to be differentiated"):
        jet(lambda x: (x, x), points(2), [points(2)])


@pytest.mark.parametrize("v", [points(3), points(1, 3), points(4, 3, seed=1)[:, :2], points(5, 4, 3)])
def test_a_direction_has_the_shape_of_the_points(v):
    """One of fewer axes would be read as several directions, and the answer be wrong without an error."""
    with pytest.raises(ValueError, match=r"jet: every direction needs the shape of x, \(4, 3\), got"):
        jet(torch.tanh, points(4, 3), [None, v])


@pytest.mark.parametrize("lines", [points(4, 3), points(2, 5, 3), points(2, 4, 2), UnitTangent(torch.tensor([0]), torch.ones(1, 1), 4)])
def test_lines_have_the_axes_of_the_points(lines):
    with pytest.raises(ValueError, match=r"directions need the shape \(directions, \*\(4, 3\)\), with 1 for shared axes, got"):
        directional(torch.tanh, points(4, 3), lines, order=2)


def test_order_zero_is_no_derivative():
    with pytest.raises(ValueError, match="needs a derivative of order 1 or more, got order=0"):
        collapsed(torch.tanh, points(4, 3), points(2, 1, 3), order=0, weights=torch.ones(1, 2).double())
