import pytest
import torch
from taylor_oracle import assert_jets_are_right, points

from neuralpde.derivatives import jet

C = points(3, seed=7)
CASES = {
    "sums with numbers": lambda x: 1.5 + x - 2.0 - (3.0 - x) + (-x),
    "sums with tensors": lambda x: C + x - C * 2 + (C - x) * x,
    "products": lambda x: x * torch.sin(x) * 2.0 * C * x,
    "quotients": lambda x: x / (1 + x * x) + 1.0 / (2 + torch.cos(x)) + C / (3 + torch.sin(x)) + x / C + x / 2.0,
    "functions of torch": lambda x: torch.add(x, x * x, alpha=0.5) + torch.sub(C, x, alpha=2) + torch.addcmul(C, x, x, value=0.3) + torch.rsub(x, C),
    "lerp": lambda x: torch.lerp(x, x * x, 0.3),
    "broadcasting": lambda x: x[:, None, :] * x[None] + C[:, None, None] * x[:, 0],
    "new axes from constants": lambda x: x[0] * C[:, None] + C[:, None, None] - x[1] * x,
}


@pytest.mark.parametrize("name", CASES)
def test_arithmetic(name):
    assert_jets_are_right(CASES[name], points(3, 3), order=7)


def test_rounding_division_is_refused():
    with pytest.raises(TypeError, match="Jet: a division needs to be smooth, got rounding_mode='floor'; round outside"):
        jet(lambda x: torch.div(x, 2.0, rounding_mode="floor"), points(2), [points(2)])
