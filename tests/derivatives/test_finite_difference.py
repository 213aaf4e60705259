import math

import pytest
import torch

from neuralpde.boundaries import Dirichlet
from neuralpde.derivatives import FiniteDifference
from neuralpde.equations import Heat, KuramotoSivashinsky
from neuralpde.grids import Grid


def test_variable_diffusion_has_only_constants_in_its_kernel():
    d = FiniteDifference(Grid((8, 8), 0.0, 2 * math.pi), order=4)
    a = 1.5 + torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    basis = torch.eye(64, dtype=torch.float64).reshape(64, 1, 8, 8)
    matrix = d.diffuse(a, basis).reshape(64, 64)
    torch.testing.assert_close(matrix, matrix.T)
    assert (torch.linalg.svdvals(matrix) < 1e-10).sum() == 1
    naive = d.div([a * g for g in d.grad(basis)]).reshape(64, 64)
    assert (torch.linalg.svdvals(naive) < 1e-10).sum() == 4


@pytest.mark.parametrize("order", [2, 4])
@pytest.mark.parametrize("periodic", [True, False])
def test_variable_diffusion_converges(order, periodic):
    errors = []
    for n in (41, 81):
        d = FiniteDifference(Grid((n,), 0.0, 2 * math.pi, periodic=periodic), order=order)
        x = d.x[0]
        a, u = 2 + torch.cos(x), torch.sin(x)
        exact = -torch.sin(x) * torch.cos(x) - (2 + torch.cos(x)) * torch.sin(x)
        errors.append((d.diffuse(a, u) - exact).abs().max())
    assert math.log2(errors[0] / errors[1]) > order - 0.3


def test_ghosts_of_the_state_keep_the_order_and_ghosts_inside_dx_do_not():
    """u = sin πx with u = 0 at both ends: u_x obeys no such condition, so a rule inside dx spoils the second derivative."""

    def extended(u, width):
        return Dirichlet().extend(Dirichlet().extend(u, width), width, side="upper")

    errors = []
    for n in (17, 33):
        h = 1 / (n - 1)
        x = torch.linspace(0, 1, n, dtype=torch.float64).view(1, 1, -1)
        u = torch.sin(math.pi * x)
        d = FiniteDifference(Grid((n + 8,), -4 * h, 1 + 4 * h, periodic=False))
        second = d.dx(d.dx(extended(u, 4)))[..., 4:-4]
        inside = d.dx(extended(d.dx(extended(u, 4))[..., 4:-4], 4))[..., 4:-4]
        scale = math.pi**2
        errors.append((second + scale * u).abs().max() / scale)
        assert (inside + scale * u).abs().max() > scale
    assert errors[0] < 2e-3 and math.log2(errors[0] / errors[1]) > 3.8


@pytest.mark.parametrize(("equation", "order", "width"), [(Heat(), 2, 1), (Heat(), 4, 2), (KuramotoSivashinsky(), 2, 2), (KuramotoSivashinsky(), 4, 3)])
def test_width_of_the_ghost_layer_by_a_ring_of_nan(equation, order, width):
    n = 24
    for layers, sound in ((width, True), (width - 1, False)):
        u = torch.randn(1, 1, n, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        pad = torch.full((1, 1, 8), math.nan, dtype=torch.float64)
        ghosts = torch.ones(1, 1, layers, dtype=torch.float64)
        state = torch.cat([pad, ghosts, u, ghosts, pad], dim=-1)
        rate = equation.rhs(state, FiniteDifference(Grid((state.shape[-1],), periodic=False), order=order))
        assert bool(rate[..., 8 + layers : 8 + layers + n].isfinite().all()) is sound


@pytest.mark.parametrize("nodes", ["uniform", "chebyshev"])
def test_mean_is_the_quadrature_of_the_grid(nodes):
    d = FiniteDifference(Grid((33, 40), (0.0, -1.0), (2.0, 1.0), periodic=False, nodes=nodes))
    found = d.mean(torch.exp(d.x[0]) * torch.cos(d.x[1])).item()
    expected = (math.exp(2) - 1) / 2 * math.sin(1)
    assert abs(found / expected - 1) < (2e-3 if nodes == "uniform" else 1e-14)
    assert d.mean(d.x[0], axis=1).shape == (1, 1, 33, 1)


def test_poisson_inverts_the_discrete_laplacian():
    d = FiniteDifference(Grid((12, 16), 0, 1), order=4)
    f = torch.randn(2, 1, 12, 16, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    psi = d.solve_poisson(f)
    torch.testing.assert_close(d.laplacian(psi), f - d.mean(f))
    assert d.mean(psi).abs().max() < 1e-15


def test_poisson_on_a_bounded_grid_is_refused():
    with pytest.raises(ValueError, match=r"FiniteDifference.solve_poisson: every axis"):
        FiniteDifference(Grid((12,), periodic=False)).solve_poisson(torch.zeros(1, 1, 12))


def test_odd_order_is_refused():
    with pytest.raises(ValueError, match="FiniteDifference: order needs to be even and at least 2, got 3; choose 2, 4 or 6"):
        FiniteDifference(Grid((12,)), order=3)
