import itertools

import pytest
import torch

from neuralpde.derivatives import ReverseMode, symbol
from neuralpde.equations import Wave
from neuralpde.grids import Grid

ENDS = list(itertools.product((0.0, 1.0), repeat=2))


def at(x, t):
    """Leaves at all pairs of positions and times."""
    x, t = torch.meshgrid(torch.as_tensor(x, dtype=torch.float64), torch.as_tensor(t, dtype=torch.float64), indexing="ij")
    return ReverseMode.at_points(x.reshape(-1, 1), t.reshape(-1))


def shifted(z):
    return torch.exp(-((z - 1.5) ** 2))


@pytest.mark.parametrize(("left", "right"), ENDS)
def test_images_solve_the_equation_and_obey_both_ends(left, right):
    equation = Wave(2.0)
    times = [0.0, 3.0, 17.0, 60.1, 99.0]
    inside = at([-7.0, -2.1, 0.3, 6.6], times)
    u, v = equation.exact(inside.t, inside.x[0], profile=shifted, left=left, right=right)
    assert equation.residual(inside.join(u, v), inside).abs().max() < 1e-11
    for position, flag in ((-8.0, left), (8.0, right)):
        end = at([position], torch.linspace(0, 100, 401))
        u, _ = equation.exact(end.t, end.x[0], profile=shifted, left=left, right=right)
        assert (end.dx(u) if flag else u).abs().max() < 1e-10
        assert (u if flag else end.dx(u)).abs().max() > 0.5  # the other quantity moves


@pytest.mark.parametrize(("left", "right"), ENDS)
def test_pulse_after_each_reflection(left, right):
    """The pulse reaches the left end first, then the right one: its sign there is the product of the reflections so far."""
    equation, x = Wave(2.0), torch.tensor([1.5], dtype=torch.float64)
    sign_left, sign_right = 2 * left - 1, 2 * right - 1
    for laps in range(4):
        returned, _ = equation.exact(16.0 * laps, x, profile=shifted, left=left, right=right)
        assert abs(returned.item() - (sign_left * sign_right) ** laps) < 1e-10
        # Reflected once more at the left end, 9.5 away, and back at the same place 9.5 later, at speed 2.
        mirrored, _ = equation.exact(16.0 * laps + 9.5, x, profile=shifted, left=left, right=right)
        assert abs(mirrored.item() - sign_left * (sign_left * sign_right) ** laps) < 1e-10


def test_initial_state_is_the_left_moving_pulse_and_flags_may_differ_in_a_batch():
    x = Grid((200,), -8.0, 8.0, periodic=False, nodes="chebyshev").coordinates()
    flags = torch.tensor([[0.0], [1.0]], dtype=torch.float64)
    u, v = Wave(2.0).exact(0.0, x, left=flags, right=1 - flags)
    torch.testing.assert_close(u, torch.exp(-(x**2)).expand(2, -1))
    torch.testing.assert_close(v, (-4 * x * torch.exp(-(x**2))).expand(2, -1))
    late = [Wave(2.0).exact(31.0, x, left=float(a), right=1 - float(a))[0] for a in (0, 1)]
    torch.testing.assert_close(Wave(2.0).exact(31.0, x, left=flags, right=1 - flags)[0], torch.stack(late))


def test_symbol_is_a_matrix_with_imaginary_eigenvalues():
    """Eigenvalues ±ick: nothing grows or decays."""
    grid = Grid((16,), 0, 5)
    matrix = symbol(Wave(1.5), grid)[0].movedim(-1, 0)
    k = grid.wavenumbers(half=True)
    found = torch.linalg.eigvals(matrix[1:]).imag.sort(dim=-1).values
    torch.testing.assert_close(found, torch.stack([-1.5 * k, 1.5 * k], dim=-1)[1:])
