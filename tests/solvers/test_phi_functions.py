import math

import pytest
import torch
from gradients import gradient_gap

from neuralpde.solvers.phi_functions import phi_functions


def _series(z, k, terms=60):
    total = torch.zeros_like(z)
    for j in range(terms):
        total = total + z**j / float(math.factorial(j + k))
    return total


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_agrees_with_the_power_series_near_the_origin(k):
    angles = torch.linspace(0, 2 * math.pi, 9, dtype=torch.float64)
    for radius in (0.0, 1e-9, 1e-3, 0.5, 1.99, 2.01, 5.0):
        z = torch.polar(torch.full_like(angles, radius), angles)
        assert torch.allclose(phi_functions(z, 3)[k], _series(z, k), rtol=1e-12, atol=1e-13)


def test_large_arguments_of_stiff_modes():
    z = torch.tensor([-1e6, 1e4j, -50 + 300j], dtype=torch.complex128)
    one, two, three = phi_functions(z, 3)[1:]
    assert torch.allclose(one, (torch.exp(z) - 1) / z)
    assert torch.allclose(two, (one - 1) / z)
    assert torch.allclose(three, (two - 0.5) / z)


def test_gradient_at_zero_is_finite_and_right():
    z = torch.tensor([0.0, 1e-8, -1.0, -30.0], dtype=torch.float64)
    assert gradient_gap(lambda x: phi_functions(torch.complex(x, torch.zeros_like(x)), 3)[2].real, z) < 1e-8
