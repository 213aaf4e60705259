import math

import pytest
import torch

from neuralpde.derivatives import Chebyshev
from neuralpde.grids import Grid
from neuralpde.solvers.wave_modes import WaveModes

LENGTH = 4.0
MATRIX = Chebyshev(Grid(40, -2.0, 2.0, False, "chebyshev")).matrix


@pytest.mark.parametrize(("left", "right", "offset"), [(0, 0, 1), (0, 1, 0.5), (1, 0, 0.5), (1, 1, 0)], ids=["DD", "DN", "ND", "NN"])
def test_lowest_frequencies_are_those_of_the_string(left, right, offset):
    modes = WaveModes(MATRIX, left, right)
    expected = math.pi / LENGTH * (torch.arange(10, dtype=torch.float64) + offset)
    assert torch.allclose(modes.frequencies.sort().values[:10], expected, rtol=1e-8, atol=1e-5)


@pytest.mark.parametrize(("left", "right"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_flow_is_reversible_and_a_group(left, right):
    modes = WaveModes(MATRIX, left, right)
    u = torch.randn(3, 2, 40, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    speed = torch.tensor([0.5, 1.0, 3.0], dtype=torch.float64)
    once = modes.advance(u, speed, 0.7)
    assert torch.allclose(modes.advance(modes.advance(u, speed, 0.3), speed, 0.4), once, atol=1e-7)
    assert torch.allclose(modes.advance(once, speed, -0.7)[..., 1:-1], u[..., 1:-1], atol=1e-7)


def test_a_free_string_translates():
    u = torch.stack([torch.zeros(40), torch.ones(40)])[None].double()
    final = WaveModes(MATRIX, 1, 1).advance(u, torch.ones(1, dtype=torch.float64), 100.0)
    assert torch.allclose(final[0, 0], torch.full((40,), 100.0, dtype=torch.float64), rtol=1e-6)


def test_refuses_too_few_nodes():
    with pytest.raises(ValueError, match="WaveModes: needs at least 5 nodes, got 4"):
        WaveModes(MATRIX[:4, :4], 0, 0)
