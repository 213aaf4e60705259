import itertools

import pytest
import torch
from taylor_oracle import points

from neuralpde.derivatives import SparseDirections, contract, directional, estimator_variance, unbiased_square


def test_mean_over_all_pairs_of_draws_is_the_exact_square():
    """And its gradient is that of r², not half of it, while the square of one draw is too large by the variance."""
    theta = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    x = points(3, 4)

    def f(y):
        return torch.sin(theta * (y @ points(4, 1, seed=1))) * torch.exp(y[:, :1])

    eye = torch.eye(4, dtype=torch.float64)[:, None]
    single = 4 * directional(f, x, eye, order=2)[1] - 0.3
    exact = single.mean(0).square().mean()
    pairs = torch.stack([unbiased_square(torch.stack([single[i], single[j]])).mean() for i, j in itertools.product(range(4), repeat=2)])
    torch.testing.assert_close(pairs.mean(), exact)
    (gradient,) = torch.autograd.grad(pairs.mean(), theta, retain_graph=True)
    torch.testing.assert_close(gradient, torch.autograd.grad(exact, theta, retain_graph=True)[0])
    biased = single.square().mean()
    torch.testing.assert_close(biased - exact, single.var(0, correction=0).mean())


def test_draws_of_a_law():
    x = points(2, 5)
    values = []
    law = SparseDirections(2, torch.Generator().manual_seed(0), draws=3)
    for _ in range(600):
        values.append(unbiased_square(contract(lambda y: (y**4).sum(-1, keepdim=True), x, law.laplacian(x))[1]))
    stacked = torch.stack(values)
    exact = (12 * x.square().sum(-1, keepdim=True)).square()
    assert ((stacked.mean(0) - exact).abs() < 4 * stacked.std(0) / 600**0.5).all()


def test_variance_of_one_draw():
    draws = points(5, 3)
    torch.testing.assert_close(estimator_variance(draws), draws.var(0))
    with pytest.raises(
        ValueError, match="estimator_variance: needs at least two independent draws along the first axis, got 1; make the directions with draws"
    ):
        estimator_variance(draws[:1])
    with pytest.raises(ValueError, match="unbiased_square: needs at least two independent draws"):
        unbiased_square(draws[:1])
