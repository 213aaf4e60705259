import torch

from neuralpde.constraints import ExactEnds, ExactInitial, Free, SpaceTime
from neuralpde.grids import Grid


def randn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def combined(ansatz, where, initial):
    raw = randn(2, 3, *(where.shape[0], 1, *where.grid.shape))
    basis, offset = ansatz(raw, initial, where)
    return (randn(2, 3, 1, 1, *(1,) * where.grid.ndim, seed=1) * basis).sum(1) + offset


def test_initial_state_is_exact_for_any_weights():
    where = SpaceTime(torch.linspace(1, 3, 5, dtype=torch.float64), Grid((8, 6)))
    initial = randn(2, 1, 8, 6, seed=2)
    u = combined(ExactInitial(time_scale=2.0, scale=0.5, zero_mean=True), where, initial)
    assert torch.equal(u[:, 0], initial) and not torch.allclose(u[:, 1], initial)
    torch.testing.assert_close(u.mean((-1, -2)), initial.mean((-1, -2)).unsqueeze(1).expand(-1, 5, -1), rtol=0, atol=1e-6)


def test_factor_grows_to_the_scale():
    where = SpaceTime(torch.linspace(0, 2, 5, dtype=torch.float64), Grid((8,)))
    basis, _ = ExactInitial(time_scale=2.0, scale=0.5)(torch.ones(1, 1, 5, 1, 8), torch.zeros(1, 1, 8), where)
    torch.testing.assert_close(basis[0, 0, :, 0, 0], torch.tensor([0.0, 0.125, 0.25, 0.375, 0.5]))


def test_ends_are_exact_for_any_weights():
    where = SpaceTime(torch.linspace(0, 1, 4, dtype=torch.float64), Grid((9,), 2.0, 3.0, periodic=False))
    u = combined(ExactEnds(1.0, -2.0), where, torch.zeros(2, 1, 9))
    torch.testing.assert_close(u[..., 0], torch.full((2, 4, 1), 1.0), rtol=0, atol=0)
    torch.testing.assert_close(u[..., -1], torch.full((2, 4, 1), -2.0), rtol=0, atol=0)
    assert u[..., 4].std() > 0.1


def test_free_changes_nothing():
    raw = randn(2, 3, 4, 1, 8)
    basis, offset = Free()(raw, torch.zeros(2, 1, 8), SpaceTime(torch.arange(4.0), Grid((8,))))
    assert torch.equal(basis, raw) and offset is None
