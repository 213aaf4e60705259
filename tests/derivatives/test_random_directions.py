import itertools

import pytest
import torch
from taylor_oracle import points

from neuralpde.derivatives import (
    Directions,
    GaussianDirections,
    RademacherDirections,
    SparseDirections,
    biharmonic,
    contract,
    directional,
    laplacian,
    pure_derivatives,
)
from neuralpde.derivatives.random_directions import distinct_integers


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def quadratic(hessian):
    return lambda x: 0.5 * torch.einsum("pi,ij,pj->p", x, hessian, x)[:, None]


SLOPES = points(6, 1, seed=9)


def smooth(x):
    return torch.sin(x @ SLOPES) * torch.exp(0.3 * x[:, :1])


def exact_laplacian(f, x):
    hessian = torch.func.vmap(torch.func.hessian(lambda p: f(p[None])[0, 0]))(x)
    return hessian.diagonal(dim1=-2, dim2=-1).sum(-1)[:, None]


def test_all_coordinates_are_exact():
    x = points(4, 6)
    torch.testing.assert_close(laplacian(smooth, x, SparseDirections(6, generator()))[1], exact_laplacian(smooth, x))


def test_enumeration_averages_to_the_laplacian():
    """Every single coordinate, and every vector of signs in six dimensions."""
    x, reference = points(3, 6), exact_laplacian(smooth, points(3, 6))
    eye = torch.eye(6, dtype=torch.float64)[:, None]
    torch.testing.assert_close(6 * directional(smooth, x, eye, order=2)[1].mean(0), reference)
    signs = torch.tensor(list(itertools.product([-1.0, 1.0], repeat=6)), dtype=torch.float64)[:, None]
    torch.testing.assert_close(directional(smooth, x, signs, order=2)[1].mean(0), reference)


def readings(law, hessian, evaluations):
    x = points(1, hessian.shape[0])
    return torch.cat([contract(quadratic(hessian), x, law.laplacian(x))[1][:, 0, 0] for _ in range(evaluations)])


def symmetric(ndim):
    root = points(ndim, ndim, seed=3)
    return root + root.T


def assert_unbiased(values, truth):
    error = float(values.mean() - truth)
    assert abs(error) < 4 * float(values.std()) / len(values) ** 0.5


def test_variance_of_the_sparse_law():
    """d²/V (1 − V/d) S², with the sample variance of the diagonal."""
    hessian, count = symmetric(6), 2
    values = readings(SparseDirections(count, generator(), draws=100), hessian, 300)
    assert_unbiased(values, hessian.trace())
    assert float(values.var()) == pytest.approx(36 / count * (1 - count / 6) * float(hessian.diagonal().var()), rel=0.05)


@pytest.mark.parametrize("law", [RademacherDirections, GaussianDirections])
def test_variance_of_the_dense_laws(law):
    """2/V Σ_{i≠j} H² for signs, 2/V ‖H‖² for normal numbers."""
    hessian, count = symmetric(4), 2
    values = readings(law(count, generator(), draws=250), hessian, 400)
    off_diagonal = hessian - torch.diag(hessian.diagonal())
    assert_unbiased(values, hessian.trace())
    expected = 2 / count * float((off_diagonal if law is RademacherDirections else hessian).square().sum())
    assert float(values.var()) == pytest.approx(expected, rel=0.05)


def test_cases_without_variance():
    diagonal, constant = torch.diag(points(5)), symmetric(5)
    constant.fill_diagonal_(1.5)
    torch.testing.assert_close(readings(RademacherDirections(1, generator()), diagonal, 5), diagonal.trace().expand(5))
    torch.testing.assert_close(readings(SparseDirections(1, generator()), constant, 5), constant.trace().expand(5))


def quartic(x):
    return x[:, :1] ** 4 + 2 * x[:, 1:2] ** 4 + 3 * x[:, :1] ** 2 * x[:, 1:2] ** 2


def test_biharmonic_needs_gaussian_moments():
    """Δ² of the quartic is 24 + 48 + 24. Signs would give 3 Δ² − 2 Σ ∂⁴ for F₄, a third of which is not 96."""
    x = points(1, 3)
    gaussian = GaussianDirections(200_000, generator()).biharmonic(x)
    single = directional(quartic, x, gaussian.tangents, order=4)[1][:, 0, 0] / 3
    assert_unbiased(single, 96.0)
    signs = RademacherDirections(64, generator())
    with pytest.raises(ValueError, match="RademacherDirections: a biharmonic needs directions with Gaussian fourth moments, got entries ±1"):
        biharmonic(quartic, x, signs)
    tangents = torch.tensor(list(itertools.product([-1.0, 1.0], repeat=3)), dtype=torch.float64)[:, None]
    wrong = contract(quartic, x, Directions(tangents, torch.full((1, 8), 1 / 24, dtype=torch.float64), 4))[1]
    assert float(wrong) == pytest.approx((3 * 96 - 2 * 72) / 3)


def test_sparse_biharmonic_is_unbiased():
    x, law = points(1, 3), SparseDirections(20, generator())
    values = torch.stack([biharmonic(quartic, x, law)[1][0, 0] for _ in range(300)])
    assert_unbiased(values, 96.0)


def test_sum_of_pure_derivatives():
    x = points(2, 4)
    value = pure_derivatives(lambda y: (y**4 @ points(4))[:, None], x, 4, SparseDirections(4, generator()))[1]
    torch.testing.assert_close(value, torch.full((2, 1), float(24 * points(4).sum()), dtype=torch.float64))
    with pytest.raises(ValueError, match="RademacherDirections: the sum of pure derivatives has a dense estimator for order 2 only, got order=4"):
        pure_derivatives(smooth, x, 4, RademacherDirections(2, generator()))


def test_draws_are_independent_and_new_each_time():
    law, x = SparseDirections(3, generator(), draws=2), points(2, 50)
    first, second = law.laplacian(x), law.laplacian(x)
    assert first.weights.shape == (2, 6) and float(first.weights.matrix(x)[0].sum()) == 50.0
    assert first.tangents.indices.tolist() != second.tangents.indices.tolist()
    repeated = SparseDirections(3, generator(), draws=2).laplacian(x)
    assert first.tangents.indices.tolist() == repeated.tangents.indices.tolist()


def test_distinct_integers_are_uniform():
    source = generator()
    draws = torch.stack([distinct_integers(2, 4, source).sort().values for _ in range(3000)])
    assert (draws[:, 0] < draws[:, 1]).all()
    counts = torch.bincount(draws[:, 0] * 4 + draws[:, 1])
    assert (counts[counts > 0] - 500).abs().max() < 4 * 21 and (counts > 0).sum() == 6
    assert distinct_integers(5, 5, source).sort().values.tolist() == [0, 1, 2, 3, 4]


def test_arguments_are_checked():
    with pytest.raises(ValueError, match="SparseDirections: needs at least one direction and one draw, got count=0, draws=1; raise them"):
        SparseDirections(0, generator())
    with pytest.raises(ValueError, match="SparseDirections: needs no more directions than there are coordinates or columns, 4, got count=5; lower it"):
        SparseDirections(5, generator()).laplacian(points(2, 4))
