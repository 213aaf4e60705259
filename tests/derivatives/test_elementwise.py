import torch

from neuralpde.derivatives.elementwise import value_and_slope


def test_value_and_slope_of_plain_numbers():
    z = torch.linspace(-1, 1, 5, dtype=torch.float64)
    with torch.no_grad():
        value, slope = value_and_slope(torch.sin, z)
    torch.testing.assert_close(value, torch.sin(z))
    torch.testing.assert_close(slope, torch.cos(z))
    assert not value.requires_grad and not slope.requires_grad
    assert torch.equal(value_and_slope(lambda y: 0 * y + 1, z)[1], torch.zeros_like(z))


def test_both_stay_differentiable():
    z = torch.linspace(-1, 1, 5, dtype=torch.float64, requires_grad=True)
    value, slope = value_and_slope(lambda y: y**3, 2 * z)
    torch.testing.assert_close(torch.autograd.grad(value.sum() + slope.sum(), z)[0], 2 * (3 * (2 * z) ** 2 + 6 * 2 * z).detach())
