import math

import pytest
import torch

from neuralpde.grids import Grid
from neuralpde.metrics import cross_correlation, pearson, quadrature_weights


def mean_over_pairs(samples, **options):
    pairs = [(i, j) for i in range(len(samples)) for j in range(i)]
    return torch.stack([pearson(samples[i], samples[j], **options) for i, j in pairs]).mean(dim=0)


def test_mean_over_all_pairs(generator):
    samples = torch.randn(5, 2, 3, 2, 32, generator=generator, dtype=torch.float64) + 1.0
    torch.testing.assert_close(cross_correlation(samples), mean_over_pairs(samples), atol=1e-14, rtol=0)


def test_pairs_with_quadrature_weights(generator):
    weights = quadrature_weights(Grid((17,), periodic=False, nodes="chebyshev"))
    samples = torch.randn(3, 2, 2, 1, 17, generator=generator, dtype=torch.float64)
    torch.testing.assert_close(cross_correlation(samples, weights=weights), mean_over_pairs(samples, weights=weights), atol=1e-14, rtol=0)


def test_shifted_sines_correlate_by_the_cosine_of_the_shift():
    x = 2 * math.pi * torch.arange(64, dtype=torch.float64) / 64
    samples = torch.stack([2.0 + torch.sin(x), 3.0 * torch.sin(x + 0.7)])[:, None, None, None]
    assert cross_correlation(samples).item() == pytest.approx(math.cos(0.7))


def test_a_sample_without_correlation_is_visible(generator):
    samples = torch.randn(3, 2, 2, 1, 16, generator=generator, dtype=torch.float64)
    samples[1, 0, 1] = torch.nan
    samples[2, 1, 0] = 4.0
    assert cross_correlation(samples).isnan().tolist() == [[False, True], [True, False]]


def test_one_sample_is_refused():
    with pytest.raises(ValueError, match="at least 2 samples of every trajectory, got 1"):
        cross_correlation(torch.zeros(1, 2, 2, 1, 8))
