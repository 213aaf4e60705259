import itertools

import pytest
import torch

from neuralpde.derivatives.taylor import Truncation, UnitTangent


def test_the_set_is_closed_downwards_and_sorted():
    t = Truncation.below([(1, 2), (0, 3)])
    assert t.indices == ((0, 0), (0, 1), (1, 0), (0, 2), (1, 1), (0, 3), (1, 2))
    assert t.degree == 3 and t.position((1, 2)) == 6 and t.position((2, 0)) is None


def test_product_of_polynomials_in_two_variables():
    """Against the coefficients of the product, term by term."""
    t = Truncation.below([(2, 2)])
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, len(t), generator=generator, dtype=torch.float64)
    for place, (i, j) in enumerate(t.indices):
        pairs = itertools.product(range(i + 1), range(j + 1))
        expected = sum(a[t.position((p, q))] * b[t.position((i - p, j - q))] for p, q in pairs)
        torch.testing.assert_close(t.convolve(place, list(a), list(b)), expected)
        torch.testing.assert_close(t.square(place, list(a)), t.convolve(place, list(a), list(a)))


def test_chain_rule_does_not_depend_on_the_variable():
    """y = x²/2 has the slope x."""
    t = Truncation.below([(2, 1)])
    x = list(torch.randn(len(t), generator=torch.Generator().manual_seed(0), dtype=torch.float64))
    for place in range(1, len(t)):
        torch.testing.assert_close(t.chain(place, x, x), 0.5 * t.square(place, x))


def test_zeros_cost_nothing():
    class Forbidden:
        def __mul__(self, other):
            raise AssertionError("a product with a structural zero was computed")

    t = Truncation.line(3)
    assert t.convolve(3, [Forbidden(), None, None, None], [None, None, None, None]) is None


def test_collapsed_products_are_summed_over_directions():
    weights = torch.tensor([[1.0, 2.0], [0.0, -1.0]])
    t = Truncation.line(2, weights)
    a, b = [torch.tensor(2.0), torch.tensor([1.0, 3.0]), torch.tensor([5.0, 7.0])], [torch.tensor(4.0), torch.tensor([2.0, 1.0]), None]
    torch.testing.assert_close(t.convolve(2, a, b), 4.0 * a[2] + torch.tensor([2.0 + 6.0, -3.0]))
    sparse = UnitTangent(torch.tensor([1, 1]), torch.tensor([1.0, 1.0]), 3)
    torch.testing.assert_close(t.reduce(sparse), torch.tensor([[0.0, 3.0, 0.0], [0.0, -1.0, 0.0]]))


def test_derivatives_and_intersections_are_made_once():
    t = Truncation.below([(1, 1)])
    lowered = t.lowered(0)
    assert lowered is not None and lowered.indices == ((0, 0), (0, 1))
    assert t.lowered(0) is lowered and t.common(lowered) is lowered and lowered.common(t) is lowered
    assert lowered.lowered(0) is None


def test_two_sets_of_directions_do_not_mix():
    first, second = Truncation.line(2, torch.ones(1, 2)), Truncation.line(2, torch.ones(1, 2))
    with pytest.raises(ValueError, match="Jet: collapsed jets need the same directions to be combined, got two sets of them; compute both from one jet"):
        first.common(second)
