import pytest
import torch
from convergence import slope

from neuralpde.constraints import Backward, Central


def error(difference, n, inner):
    t = torch.linspace(0, 1, n + 1, dtype=torch.float64)
    found = difference(t)(torch.exp(2 * t), -1)
    return float((found - 2 * torch.exp(2 * t))[inner].abs().max())


@pytest.mark.parametrize(
    ("difference", "inner", "order"),
    [(Central(2), slice(None), 2), (Central(4), slice(None), 4), (Backward(), slice(2, None), 2), (Backward(), slice(0, 2), 1)],
)
def test_order(difference, inner, order):
    sizes = [16, 32, 64]
    assert abs(slope(sizes, [error(difference, n, inner) for n in sizes]) + order) < 0.25


def test_backward_does_not_look_ahead():
    t = torch.linspace(0, 1, 8, dtype=torch.float64)
    u = torch.randn(8, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    changed = u.clone()
    changed[5:] = 0
    assert torch.equal(Backward()(t)(u, -1)[:5], Backward()(t)(changed, -1)[:5])


def test_backward_damps_a_jump():
    """u' = −λu with a huge λ: the frame after a jump is zero in the scheme whose residual this is."""
    t = torch.linspace(0, 1, 6, dtype=torch.float64)
    decay = 1e8
    matrix = torch.stack([Backward()(t)(column, -1) for column in torch.eye(6, dtype=torch.float64)], dim=1)[1:]
    system = matrix[:, 1:] + decay * torch.eye(5, dtype=torch.float64)
    assert torch.linalg.solve(system, -matrix[:, 0]).abs().max() < 1e-6
