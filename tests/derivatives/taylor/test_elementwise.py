import torch
from taylor_oracle import points

from neuralpde.derivatives import jet
from neuralpde.derivatives.taylor import Series, Truncation
from neuralpde.derivatives.taylor.elementwise import apply, compose
from neuralpde.derivatives.taylor.functions import sin_terms, tanh_terms


def test_composition_and_recurrence_agree():
    """Up to order four the derivatives at the value are composed, above it the recurrence runs on the series itself."""
    t = Truncation.line(4)
    x = [points(3), *(points(2, 3, seed=k) for k in range(1, 5))]
    composed, recurrent = apply(tanh_terms, Series(x, t)).coefficients, tanh_terms(x, t)
    for a, b in zip(composed, recurrent, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-13, atol=1e-13)


def test_in_several_variables():
    t = Truncation.below([(1, 2), (2, 0)])
    x = [points(3), *(points(1, 3, seed=k) for k in range(1, len(t)))]
    for a, b in zip(apply(sin_terms, Series(x, t)).coefficients, sin_terms(x, t), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-13, atol=1e-13)


def test_derivatives_at_the_value_are_computed_once_for_all_directions(monkeypatch):
    sizes, original = [], torch.tanh
    monkeypatch.setattr(torch, "tanh", lambda x: sizes.append(x.numel()) or original(x))
    apply(tanh_terms, Series([points(5), points(7, 5), None], Truncation.line(2)))
    assert sizes == [5]


def test_constants_stay_constant():
    y = apply(tanh_terms, Series([points(3), None, None], Truncation.line(2)))
    assert y.coefficients[1] is None and y.coefficients[2] is None


def test_compose_skips_what_is_absent():
    """(x² at 1): outer derivatives 1, 2, 1; inner s²."""
    one = torch.ones(1)
    result = compose([one, 2 * one, one], [one, None, torch.ones(1, 1)], Truncation.line(2))
    assert result[1] is None and float(result[2]) == 2.0


def test_straight_lines_stay_cheap():
    """A linear function of a straight line has structural zeros above order one."""
    weight = points(2, 3)
    x = Series([points(4, 3), points(1, 4, 3), *[None] * 3], Truncation.line(4))
    assert x.map(lambda c: c @ weight.T).coefficients[2:] == [None, None, None]
    assert torch.count_nonzero(jet(lambda y: y @ weight.T, points(4, 3), [points(4, 3), None, None])[3]) == 0
