import math

import pytest
import torch
from taylor_oracle import assert_jets_are_right, points

from neuralpde.derivatives import jet

C = points(3, seed=7)
CASES = {
    "hypot": lambda x: torch.hypot(x, torch.sin(x) + 2.0) + x.hypot(C),
    "hypot of a constant": lambda x: torch.hypot(C, x),
    "logaddexp": lambda x: torch.logaddexp(x, torch.sin(3 * x)),
    "logaddexp of constants": lambda x: torch.logaddexp(x * x, C) + torch.logaddexp(C, x),
    "logaddexp broadcast": lambda x: torch.logaddexp(x[:, :1], x[0]),
    "atan2": lambda x: torch.atan2(torch.sin(x) + 0.5, x * x - 0.3),
    "atan2 of constants": lambda x: torch.atan2(x, C) + torch.arctan2(C, torch.sin(x)),
    "atan2 broadcast": lambda x: torch.atan2(x[:, None], torch.exp(x)),
}


@pytest.mark.parametrize("name", CASES)
def test_two_arguments(name):
    assert_jets_are_right(CASES[name], points(2, 3), order=6)


def test_the_angle_grows_evenly_on_a_circle_in_all_quadrants():
    t = torch.arange(-3.0, 3.5, 0.5, dtype=torch.float64)
    value, first, *higher = jet(lambda s: torch.atan2(torch.sin(s), torch.cos(s)), t, [torch.ones_like(t), *[None] * 5])
    torch.testing.assert_close(value, t)
    torch.testing.assert_close(first, torch.ones_like(t))
    assert max(float(entry.abs().max()) for entry in higher) < 1e-10


def test_logaddexp_of_large_numbers():
    x = torch.tensor([1000.0, 1000.0], dtype=torch.float64)
    value, first, second = jet(lambda y: torch.logaddexp(y, torch.full_like(y, 1000.0)), x, [torch.ones_like(x), None])
    assert value.tolist() == pytest.approx([1000 + math.log(2)] * 2)
    assert (first.tolist(), second.tolist()) == ([0.5, 0.5], [0.25, 0.25])
