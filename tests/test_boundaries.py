import math

import pytest
import torch

from neuralpde.boundaries import DIRICHLET, NEUMANN, Dirichlet, Flagged, Neumann, Robin, parity

H = 0.1
X = torch.arange(0, 11, dtype=torch.float64) * H  # [0, 1]


def both(boundary, u, width=3, axis=-1):
    u = boundary.extend(u, width, axis=axis, side="lower", spacing=H)
    return boundary.extend(u, width, axis=axis, side="upper", spacing=H)


def extended_axis(width=3):
    return torch.arange(-width, 11 + width, dtype=torch.float64) * H


def test_ghosts_continue_the_functions_that_obey_the_condition():
    x = extended_axis()
    torch.testing.assert_close(both(Dirichlet(), torch.sin(math.pi * X).view(1, 1, -1))[0, 0], torch.sin(math.pi * x))
    torch.testing.assert_close(both(Dirichlet(2.0), 2 + torch.sin(math.pi * X).view(1, 1, -1))[0, 0], 2 + torch.sin(math.pi * x))
    torch.testing.assert_close(both(Neumann(), torch.cos(math.pi * X).view(1, 1, -1))[0, 0], torch.cos(math.pi * x))


def test_slope_is_along_the_outward_normal():
    """u = 3x falls outward at the lower end and rises at the upper one."""
    u = (3 * X).view(1, 1, -1)
    torch.testing.assert_close(Neumann(-3.0).extend(u, 2, side="lower", spacing=H)[0, 0, :3], torch.tensor([-0.6, -0.3, 0.0], dtype=torch.float64))
    torch.testing.assert_close(Neumann(3.0).extend(u, 2, side="upper", spacing=H)[0, 0, -3:], torch.tensor([3.0, 3.3, 3.6], dtype=torch.float64))


def test_flag_of_each_trajectory():
    u = torch.randn(2, 1, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    mixed = both(Flagged(torch.tensor([DIRICHLET, NEUMANN])), u)
    torch.testing.assert_close(mixed[:1], both(Dirichlet(), u[:1]))
    torch.testing.assert_close(mixed[1:], both(Neumann(), u[1:]))
    torch.testing.assert_close(both(Flagged(NEUMANN), u), both(Neumann(), u))
    assert (parity(DIRICHLET), parity(NEUMANN)) == (-1.0, 1.0)


def test_other_axes_and_zero_width():
    u = torch.randn(2, 1, 6, 7, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(both(Neumann(), u, axis=-2), both(Neumann(), u.transpose(-1, -2)).transpose(-1, -2))
    assert torch.equal(Dirichlet().extend(u, 0), u)


def test_rows_vanish_on_functions_that_obey_the_condition():
    u, slope = torch.tensor([[2.0], [3.0]]), torch.tensor([[0.5], [-1.0]])
    assert torch.equal(Dirichlet(2.0).row(u, slope), torch.tensor([[0.0], [1.0]]))
    assert torch.equal(Neumann(0.5).row(u, slope), torch.tensor([[0.0], [-1.5]]))
    assert torch.equal(Flagged(torch.tensor([0.0, 1.0])).row(u, slope), torch.tensor([[2.0], [-1.0]]))


def test_too_many_ghosts():
    with pytest.raises(ValueError, match=r"Dirichlet.extend: width needs to lie in 0..4, got 5; refine the grid"):
        Dirichlet().extend(torch.zeros(1, 1, 5), 5)


def test_robin_continues_a_field_that_obeys_it():
    """u = 1 + x + x² on [0, 1]: u + ℓ ∂u/∂n = value at the upper end, ghosts exact for quadratics at both ends."""
    u = (1 + X + X**2).view(1, 1, -1)
    upper, lower = Robin(0.5, 3.0 + 0.5 * 3.0), Robin(0.25, 1.0 - 0.25)
    found = lower.extend(upper.extend(u, 2, side="upper", spacing=H), 2, side="lower", spacing=H)
    x = extended_axis(2)
    torch.testing.assert_close(found[0, 0], 1 + x + x**2)
    assert float(upper.row(torch.tensor(3.0), torch.tensor(3.0))) == 0.0
    with pytest.raises(TypeError, match="needs the value at the end"):
        upper.reflect(u, torch.ones(1))
