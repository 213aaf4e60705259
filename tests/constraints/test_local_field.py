import pytest
import torch

from neuralpde.constraints.local_field import Coordinate, Leaf, shifted

T = torch.linspace(0.1, 0.9, 5, dtype=torch.float64).view(1, 1, -1)
X = torch.linspace(-1.0, 1.0, 5, dtype=torch.float64).view(1, 1, -1)


def sine_product():
    """u = sin(2x) exp(−t) with all derivatives up to order 3 in x and 1 in t."""
    waves = [torch.sin(2 * X), 2 * torch.cos(2 * X), -4 * torch.sin(2 * X), -8 * torch.cos(2 * X)]
    return Leaf({(i, j): (-1) ** i * torch.exp(-T) * waves[j] for i in range(2) for j in range(4)})


def by_autograd(function, order_t, order_x):
    t, x = T.clone().requires_grad_(), X.clone().requires_grad_()
    value = function(torch.sin(2 * x) * torch.exp(-t), t, x)
    for leaf, order in ((t, order_t), (x, order_x)):
        for _ in range(order):
            (value,) = torch.autograd.grad(value.sum(), leaf, create_graph=True)
    return value.detach()


@pytest.mark.parametrize("index", [(0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (0, 3)])
@pytest.mark.parametrize(
    "function",
    [
        lambda u, t, x: 3.0 * u - u * u + 2.0,
        lambda u, t, x: u * u * u / (2.0 + u),
        lambda u, t, x: 1.0 / (1.0 + u**2) - u,
        lambda u, t, x: torch.exp(u) * torch.sin(x) + t * x * u,
        lambda u, t, x: torch.tensor(2.0) * u - torch.tensor(1.5) / (3.0 - u),
    ],
)
def test_derivatives_agree_with_autodiff(function, index):
    found = function(sine_product(), Coordinate(T, 0), Coordinate(X, 1)).at(index)
    torch.testing.assert_close(torch.as_tensor(found).expand_as(X), by_autograd(function, *index), rtol=1e-12, atol=1e-12)


def test_shift_is_differentiation():
    u = sine_product()
    torch.testing.assert_close(shifted(u * u, (0, 1)).at((0, 1)), (u * u).at((0, 2)))
    assert shifted(3.0, (0, 1)) == 0.0


def test_clamp_has_a_kink_and_no_derivative_below():
    clamped = torch.clamp(sine_product(), min=0.0)
    inside = torch.sin(2 * X) >= 0  # torch takes the slope from above at the kink
    torch.testing.assert_close(clamped.at((0, 1)), torch.where(inside, sine_product().at((0, 1)), 0.0))


def test_what_is_not_known_is_refused():
    with pytest.raises(TypeError, match=r"the state is tabulated .* got a request for \(0, 4\)"):
        sine_product().at((0, 4))
    with pytest.raises(TypeError, match="needs to be a callable of the provider"):
        (sine_product() * X).at((0, 1))
    with pytest.raises(TypeError, match="one field among its positional arguments, got 2"):
        torch.maximum(sine_product(), sine_product())
    with pytest.raises(TypeError, match="exponent needs to be a number"):
        sine_product() ** sine_product()
