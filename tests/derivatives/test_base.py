import pytest
import torch

from neuralpde.derivatives import Derivatives, Fourier
from neuralpde.grids import Grid


class OnlyFirst(Derivatives):
    """A provider with nothing but dx, to see the defaults."""

    def __init__(self, grid):
        self.inner = Fourier(grid)
        self.ndim = self.space_axes = grid.ndim
        self.x = self.inner.x

    def dx(self, u, axis=0, order=1):
        return self.inner.dx(u, axis, order)


SQUARE = Grid((12, 16), 0.0, (1.0, 2.0))


def test_defaults_follow_from_dx():
    d, full = OnlyFirst(SQUARE), Fourier(SQUARE)
    u = full.filter(torch.sin(2 * torch.pi * d.x[0]) * torch.cos(torch.pi * d.x[1]))
    torch.testing.assert_close(d.laplacian(u), full.laplacian(u))
    torch.testing.assert_close(d.biharmonic(u), full.biharmonic(u))
    torch.testing.assert_close(d.diffuse(2.0, u), full.diffuse(2.0, u))
    torch.testing.assert_close(d.advect((3.0, None), u), 3.0 * full.dx(u, 0))
    torch.testing.assert_close(d.convect(lambda q: (q * q, q), u), full.dx(u * u, 0) + full.dx(u, 1))


@pytest.mark.parametrize("call", [lambda d, u: d.dt(u), lambda d, u: d.mean(u), lambda d, u: d.solve_poisson(u)])
def test_impossible_operations_name_the_provider(call):
    with pytest.raises(TypeError, match=r"OnlyFirst: .* needs .*, got .*; "):
        call(OnlyFirst(SQUARE), torch.zeros(1, 1, 12, 16))


def test_lift_of_the_four_forms():
    d = Fourier(SQUARE)
    assert d.lift(2.0) == 2.0
    assert d.lift(torch.ones(5)).shape == (5, 1, 1, 1)
    assert d.lift(torch.ones(5, 12, 16)).shape == (5, 1, 12, 16)
    assert d.lift(lambda p: p.x[0] + p.t).shape == (1, 1, 12, 16)
    assert [torch.as_tensor(c).ndim for c in d.lift((1.0, torch.ones(5)))] == [0, 4]
    with pytest.raises(ValueError, match=r"Fourier: a coefficient needs shape \(batch,\) or .*, got \(5, 12\); reshape it"):
        d.lift(torch.ones(5, 12))


def test_join_repeats_what_has_no_batch():
    d = Fourier(SQUARE)
    joined = d.join(torch.ones(1, 1, 12, 16), torch.zeros(3, 1, 12, 16))
    assert joined.shape == (3, 2, 12, 16)
    assert [part.mean().item() for part in d.split(joined)] == [1.0, 0.0]
