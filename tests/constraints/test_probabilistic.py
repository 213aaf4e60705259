import pytest
import torch

from neuralpde.constraints import Gaussian, LinearConservation, condition_on, quadrature
from neuralpde.grids import Grid

GRID = Grid((21,), periodic=False)


def randn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_law_holds_and_its_variance_is_gone():
    g = torch.stack([quadrature(GRID), quadrature(GRID) * GRID.coordinates()])
    root = randn(3, 21, 21)
    before = Gaussian(randn(3, 21, seed=1), root @ root.mT / 21)
    amounts = randn(3, 2, seed=2)
    after = condition_on(before, g, amounts)
    assert (after.mean @ g.T - amounts).abs().max() < 1e-12
    assert (g @ after.covariance @ g.T).abs().max() < 1e-14
    assert (after.covariance.diagonal(dim1=1, dim2=2) <= before.covariance.diagonal(dim1=1, dim2=2) + 1e-14).all()
    assert torch.linalg.eigvalsh(after.covariance).min() > -1e-12


def test_it_is_gaussian_conditioning():
    """Agrees with the distribution of u given G u + noise, from the joint covariance."""
    g, noise = quadrature(GRID).unsqueeze(0), 0.3
    root = randn(21, 21)
    mean, sigma = randn(1, 21, seed=1), (root @ root.T).unsqueeze(0)
    after = condition_on(Gaussian(mean, sigma), g, torch.ones(1, 1), noise=noise)
    precision = torch.linalg.inv(sigma[0]) + g.T @ g / noise**2
    expected = torch.linalg.solve(precision, torch.linalg.solve(sigma[0], mean[0]) + g[0] / noise**2)
    torch.testing.assert_close(after.mean[0], expected, rtol=1e-7, atol=1e-7)
    torch.testing.assert_close(after.covariance[0], torch.linalg.inv(precision), rtol=1e-7, atol=1e-7)


def test_variances_are_a_diagonal_covariance_and_correct_where_uncertain():
    g, mean = quadrature(GRID).unsqueeze(0), randn(2, 21)
    variances = torch.where(GRID.coordinates() > 0.7, 1.0, 1e-6).expand(2, 21)
    short = condition_on(Gaussian(mean, variances), g, torch.zeros(2, 1))
    torch.testing.assert_close(short.mean, condition_on(Gaussian(mean, torch.diag_embed(variances)), g, torch.zeros(2, 1)).mean)
    change = (short.mean - mean).abs()
    assert change[:, :14].max() < 1e-4 * change[:, 15:].min()


def test_equal_variances_are_the_plain_projection():
    """With the covariance of white noise, W⁻¹, the update is the projection in the integral norm."""
    law = LinearConservation.of_mass(GRID)
    mean = randn(2, 21)
    after = condition_on(Gaussian(mean, (1 / quadrature(GRID)).expand(2, 21)), quadrature(GRID).unsqueeze(0), torch.full((2, 1), 0.4))
    torch.testing.assert_close(after.mean, law(mean.unsqueeze(1), torch.tensor(0.4))[:, 0], rtol=0, atol=1e-13)


def test_mass_of_the_porous_medium():
    """u = (m max(t − x, 0))^(1/m) has the mass m^(1 + 1/m)/(m + 1) t^(1 + 1/m); a wrong prediction gets it."""
    m, t, grid = 3.0, 0.5, Grid((201,), periodic=False)
    exact = (m * (t - grid.coordinates()).clamp(min=0)) ** (1 / m)
    mass = m ** (1 + 1 / m) / (m + 1) * t ** (1 + 1 / m)
    assert abs(float((exact * quadrature(grid)).sum()) - mass) < 2e-3
    prediction = Gaussian(1.2 * exact.unsqueeze(0), (0.1 * exact + 1e-6).unsqueeze(0) ** 2)
    after = condition_on(prediction, quadrature(grid).unsqueeze(0), torch.tensor([[mass]]))
    assert (after.mean - exact).norm() < 0.3 * (prediction.mean - exact).norm()


def test_certainty_of_an_amount_is_refused():
    certain, g = Gaussian(randn(2, 21), torch.zeros(2, 21, dtype=torch.float64)), quadrature(GRID).unsqueeze(0)
    with pytest.raises(ValueError, match="needs to be positive definite, got a singular one for 2 of 2"):
        condition_on(certain, g, torch.zeros(2, 1))
    torch.testing.assert_close(condition_on(certain, g, torch.zeros(2, 1), noise=1.0).mean, certain.mean)
