import math

import pytest
import torch

from neuralpde.derivatives import Fourier
from neuralpde.grids import Grid
from neuralpde.initial import LogNormalSpectrum, PeriodicKernel, RandomLatticeField, RationalSpectrum, stack_draws


def sample(law: RandomLatticeField, n: int, count: int) -> torch.Tensor:
    draws = stack_draws([law(torch.Generator().manual_seed(i)) for i in range(count)])
    return Fourier(Grid((n,) * len(law.lengths), 0.0, law.lengths)).lift(draws)


def exact_deviation(law: RandomLatticeField) -> float:
    modes = law.modes()
    counted = (modes[..., 1] > 0) | ((modes[..., 1] == 0) & (modes[..., 0] > 0))
    scale = law.spectrum(modes.double(), torch.tensor(law.lengths, dtype=torch.float64))
    return float((scale[counted] ** 2).sum().sqrt())


def test_standard_deviation_of_the_navier_stokes_initial_states():
    """0.262 for τ = 7, α = 2.5, twice the variance of the printed covariance."""
    law = RandomLatticeField(RationalSpectrum())
    assert exact_deviation(law) == pytest.approx(0.262, abs=5e-4)
    k = 2 * math.pi * law.modes().double().square().sum(-1).sqrt()
    covariance = 7.0**3 * (k**2 + 49) ** -2.5
    whole_lattice = 2 * covariance[:, 1:].sum() + covariance[:, 0].sum() - 7.0**-2
    assert exact_deviation(law) ** 2 == pytest.approx(2 * float(whole_lattice), rel=1e-12)


def test_variance_of_a_sample():
    law = RandomLatticeField(RationalSpectrum(), max_mode=4)
    assert float(sample(law, 16, 600).std()) == pytest.approx(exact_deviation(law), rel=0.03)


def test_periodic_kernel_has_its_covariance():
    """Σ σ² cos(2π m·r) is the kernel, less its mean over the torus."""
    kernel, law = PeriodicKernel(0.3), RandomLatticeField(PeriodicKernel(0.3), max_mode=20)
    modes = law.modes().double()
    weights = kernel(law.modes(), torch.ones(2, dtype=torch.float64)) ** 2 / 2  # of m and of -m
    both = torch.where(modes[..., 1] > 0, 2.0, 1.0)
    for r in ((0.0, 0.0), (0.1, 0.0), (0.3, 0.2)):
        covariance = (both * weights * torch.cos(2 * math.pi * (modes[..., 0] * r[0] + modes[..., 1] * r[1]))).sum()
        assert float(covariance) == pytest.approx(math.exp(-sum(math.sin(math.pi * x) ** 2 for x in r) / (2 * 0.3**2)), rel=1e-12)


def test_log_normal_ring_peaks_where_it_says():
    k = torch.linspace(0.5, 20, 4000, dtype=torch.float64)
    density = k * LogNormalSpectrum(4.0)(torch.stack([k, 0 * k], -1) / (2 * math.pi), torch.ones(2, dtype=torch.float64))
    assert float(k[density.argmax()]) == pytest.approx(4.0, abs=0.01)


def test_every_pair_of_opposite_modes_counts_once():
    coefficients = RandomLatticeField(RationalSpectrum(), max_mode=3).coefficients(torch.Generator().manual_seed(0))
    assert (coefficients != 0).sum() == (7 * 7 - 1) // 2
    assert (coefficients[:4, 0] == 0).all() and (coefficients[4:, 0] != 0).all()


def test_same_field_at_every_resolution():
    law = RandomLatticeField(RationalSpectrum(), max_mode=5)
    torch.testing.assert_close(sample(law, 32, 2)[..., ::2, ::2], sample(law, 16, 2))


def test_bad_arguments():
    with pytest.raises(ValueError, match="RandomLatticeField: max_mode needs to be at least 1, got 0; raise it"):
        RandomLatticeField(RationalSpectrum(), max_mode=0)
