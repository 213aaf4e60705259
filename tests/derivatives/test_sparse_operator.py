import math
from collections import Counter

import pytest
import torch
from taylor_oracle import points
from torch import nn

from neuralpde.derivatives import (
    EveryDirection,
    GaussianDirections,
    SparseDirections,
    SparseOperator,
    biharmonic,
    contract,
    differential_operator,
    estimator_variance,
    laplacian,
    partial,
)

TERMS = {(0, 0, 1, 2): 1.5, (0, 0, 2, 2): -0.7, (1, 1, 1): 0.4, (0, 2): 2.0, (1,): -3.0}


@pytest.fixture
def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)).double()


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def nested(f, x, axes):
    """Nested reverse mode, one axis after the other, for two channels."""
    columns = []
    for channel in (0, 1):
        leaf = x.detach().requires_grad_()
        value = f(leaf)[:, channel]
        for axis in axes:
            value = torch.autograd.grad(value.sum(), leaf, create_graph=True)[0][:, axis]
        columns.append(value)
    return torch.stack(columns, dim=1)


def exact(f, x, terms):
    return sum(c * nested(f, x, axes) for axes, c in terms.items())


def test_a_mixed_operator_of_order_four(network):
    x = points(4, 3)
    value, result = differential_operator(network, x, TERMS)
    torch.testing.assert_close(value, network(x))
    torch.testing.assert_close(result, exact(network, x, TERMS), rtol=1e-10, atol=1e-11)


def test_parameter_gradients_are_those_of_nested_reverse_mode(network):
    x, used = points(4, 3), list(network.parameters())[:-1]  # no derivative sees the last bias
    gradients = torch.autograd.grad(differential_operator(network, x, TERMS)[1].square().sum(), used)
    for gradient, reference in zip(gradients, torch.autograd.grad(exact(network, x, TERMS).square().sum(), used), strict=True):
        torch.testing.assert_close(gradient, reference, rtol=1e-9, atol=1e-10)


def test_known_operators_are_special_cases(network):
    x, axes = points(4, 3), range(3)
    torch.testing.assert_close(differential_operator(network, x, {(i, i): 1.0 for i in axes}), laplacian(network, x))
    squared = SparseOperator({(i, i, j, j): 1.0 for i in axes for j in axes})
    torch.testing.assert_close(differential_operator(network, x, squared), biharmonic(network, x))
    assert squared.terms[0, 0, 1, 1] == 2.0
    (drawn,) = EveryDirection().terms(x, squared)
    assert len(drawn.tangents) == 9  # the lines of all terms together, each once
    torch.testing.assert_close(differential_operator(network, x, {(2, 0, 2): 1.0}), partial(network, x, (1, 0, 2)))


def test_enumeration_of_single_terms(network):
    """Each term is read with sign(c) Z; weighted by |c|/Z they make the operator, and these are what is drawn."""
    x, operator = points(2, 3), SparseOperator(TERMS)
    single = {axes: operator.total * math.copysign(1.0, c) * nested(network, x, axes).detach() for axes, c in operator.terms.items()}
    mean = sum(abs(c) / operator.total * single[axes] for axes, c in operator.terms.items())
    torch.testing.assert_close(mean, exact(network, x, TERMS).detach())
    found = Counter()
    for estimate in contract(network, x, operator.random_terms(x, 1, generator(), draws=100))[1].detach():
        (axes,) = (axes for axes, value in single.items() if torch.allclose(value, estimate, rtol=1e-9, atol=1e-10))
        found[axes] += 1
    assert set(found) == set(TERMS) and all(abs(found[axes] - 100 * abs(c) / operator.total) < 20 for axes, c in TERMS.items())


def test_draws_have_the_right_mean_and_variance():
    """A polynomial whose five derivatives are known numbers."""
    x, count, draws = points(1, 3), 3, 4000
    derivatives = {(0, 0, 1, 2): 2.0, (0, 0, 2, 2): -4.0, (1, 1, 1): 6.0, (0, 2): 1.0, (1,): -2.0}
    operator = SparseOperator(TERMS)

    def u(y):
        a, b, c = y.unbind(-1)
        shifted = [p - q for p, q in zip((a, b, c), x[0], strict=True)]
        a, b, c = shifted
        return (a * a * b * c - a * a * c * c + b**3 + a * c - 2.0 * b).unsqueeze(-1)

    estimates = contract(u, x, SparseDirections(count, generator(), draws=draws).terms(x, operator))[1][:, 0, 0]
    truth = sum(TERMS[axes] * derivatives[axes] for axes in TERMS)
    spread = (operator.total * sum(abs(TERMS[axes]) * derivatives[axes] ** 2 for axes in TERMS) - truth**2) / count
    assert float(differential_operator(u, x, operator)[1]) == pytest.approx(truth)
    assert abs(float(estimates.mean()) - truth) < 4 * (spread / draws) ** 0.5
    assert float(estimator_variance(estimates)) == pytest.approx(spread, rel=0.1)


def test_no_variance_where_all_terms_agree():
    x, terms = points(2, 3), {(0, 0): 1.0, (1, 2): -2.0}
    values = contract(lambda y: 0.5 * y[:, :1] ** 2 - y[:, 1:2] * y[:, 2:], x, SparseDirections(1, generator(), draws=6).terms(x, SparseOperator(terms)))[1]
    torch.testing.assert_close(values, torch.full((6, 2, 1), 3.0, dtype=torch.float64))


def test_names_of_terms_do_not_grow_with_the_number_of_coordinates():
    x = points(2, 2000)
    _, value = differential_operator(lambda y: y[:, 1999:] ** 2 * y[:, 7:8], x, {(7, 1999, 1999): 0.5})
    torch.testing.assert_close(value, torch.ones(2, 1, dtype=torch.float64))


def test_mistakes_are_named(network):
    x = points(2, 3)
    with pytest.raises(ValueError, match=r"SparseOperator: needs the coordinates of each derivative, counted from 0, got \[\(\)\]; add a multiple of f"):
        SparseOperator({(): 1.0})
    with pytest.raises(ValueError, match="SparseOperator: needs at least one coefficient that is not zero, got 2 terms without one"):
        SparseOperator({(0, 1): 1.0, (1, 0): -1.0})
    with pytest.raises(ValueError, match="SparseOperator: needs points with 4 coordinates or more, got 3; correct the terms or the points"):
        differential_operator(network, x, {(3,): 1.0})
    with pytest.raises(ValueError, match="GaussianDirections: an operator given term by term has a sparse estimator only, got 5 terms; use SparseDirections"):
        differential_operator(network, x, TERMS, GaussianDirections(2, generator()))
