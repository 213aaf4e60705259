import itertools
import math

import pytest
import torch
from taylor_oracle import points
from torch import nn

from neuralpde.derivatives import clean_slots, directional, jet, partial, partials_from_one_jet, polarisation
from neuralpde.derivatives.mixed import clean_divisor

X, Y, T = 0, 1, 2


@pytest.fixture(scope="module")
def u():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1)).double().requires_grad_(False)


@pytest.fixture(scope="module")
def at():
    return points(2, 3, seed=4).requires_grad_()


def reference(u, x, *axes):
    """Nested reverse mode, one axis after the other."""
    value = u(x)
    for axis in axes:
        value = torch.autograd.grad(value.sum(), x, create_graph=True)[0][:, axis : axis + 1]
    return value.detach()


def run(u, at, order, **slots):
    """A jet with unit directions x, y, t in the given slots."""
    series = [None] * order
    for name, axis in (("x", X), ("y", Y), ("t", T)):
        if name in slots:
            series[slots[name] - 1] = torch.eye(3, dtype=torch.float64)[axis].expand(at.shape)
    return [value.detach() for value in jet(u, at, series)]


def line(u, x, order, *direction):
    return directional(u, x.detach(), torch.tensor(direction, dtype=torch.float64).reshape(1, 1, 3), order=order)[1][0]


def close(value, expected):
    torch.testing.assert_close(value, expected, rtol=1e-9, atol=1e-10)


def test_readings_of_the_gradient_enhanced_jet(u, at):
    f = run(u, at, 7, x=2, y=3)
    close(f[3], reference(u, at, Y))
    close(f[4] / 3, reference(u, at, X, X))
    close(f[7] / 105, reference(u, at, X, X, Y))


def test_readings_by_subtraction_of_two_jets(u, at):
    series = [torch.eye(3, dtype=torch.float64)[axis].expand(at.shape) for axis in (X, Y)]
    both = jet(u, at, [series[0], series[1], None, None])
    only_x, only_y = jet(u, at, [series[0], None, None, None]), jet(u, at, [series[1], None])
    close(((both[4] - only_x[4] - 3 * only_y[2]) / 6).detach(), reference(u, at, X, X, Y))
    a, b = run(u, at, 5, x=1, y=3), run(u, at, 5, x=1)
    close((a[5] - b[5]) / 10, reference(u, at, X, X, Y))


def test_corrected_readings_of_the_order_13_jet(u, at):
    """As published, u_xx lacks its divisor and three readings lack a term."""
    f = run(u, at, 13, x=3, y=4, t=7)
    close(f[3], reference(u, at, X))
    close(f[4], reference(u, at, Y))
    close(f[6], 10 * reference(u, at, X, X))
    close(f[7], 35 * reference(u, at, X, Y) + reference(u, at, T))
    close(f[8], 35 * reference(u, at, Y, Y))
    close(f[11], 330 * reference(u, at, T, Y) + 5775 * reference(u, at, X, Y, Y))
    close(f[13], 200200 * reference(u, at, X, X, X, Y) + 17160 * reference(u, at, X, X, T))


def test_corrected_readings_of_the_order_9_jet(u, at):
    """The published factor of the last is 840."""
    f = run(u, at, 9, x=2, y=3)
    close(f[5], 10 * reference(u, at, X, Y))
    close(f[9], 1260 * reference(u, at, X, X, X, Y) + 280 * reference(u, at, Y, Y, Y))
    close(run(u, at, 3, y=1, t=2)[3], reference(u, at, Y, Y, Y) + 3 * reference(u, at, T, Y))


def test_readings_of_kadomtsev_petviashvili(u, at):
    close(run(u, at, 5, x=2, t=3)[5] / 10, reference(u, at, T, X))
    close(run(u, at, 5, x=3, t=2)[5] / 10, reference(u, at, T, X))
    straight = run(u, at, 4, x=1)
    for order in range(1, 5):
        close(straight[order], reference(u, at, *[X] * order))


def test_readings_of_the_gradient_enhanced_kdv(u, at):
    a, b, c = run(u, at, 7, x=1), run(u, at, 7, x=1, t=4), run(u, at, 2, t=1)
    close(a[5], reference(u, at, *[X] * 5))
    close(b[4] - a[4], reference(u, at, T))
    close((b[5] - a[5]) / 5, reference(u, at, T, X))
    close((b[7] - a[7]) / 35, reference(u, at, T, X, X, X))
    close(c[2], reference(u, at, T, T))


CLEAN = {
    (1, 1): ((2, 3), 10),
    (2, 1): ((2, 3), 105),
    (3, 1): ((2, 5), 6930),
    (2, 2): ((3, 4), 1051050),
    (4, 1): ((2, 5), 135135),
    (3, 2): ((3, 4), 238238000),
    (1, 1, 1): ((4, 6, 7), 4084080),
    (2, 1, 1): ((4, 6, 9), 85890754950),
}


@pytest.mark.parametrize("index", CLEAN)
def test_clean_jets_of_one_derivative(u, at, index):
    slots, divisor = CLEAN[index]
    assert clean_slots([index]) == slots and clean_divisor(index, slots) == divisor
    full = (*index, *(0,) * (3 - len(index)))
    (value,) = partials_from_one_jet(u, at.detach(), [full])
    close(value, reference(u, at, *[axis for axis, order in enumerate(full) for _ in range(order)]))


RESIDUALS = {
    "two-dimensional KdV": ([(1, 0, 0), (0, 1, 0), (2, 0, 0), (1, 1, 0), (0, 2, 0), (0, 1, 1), (3, 1, 0)], (5, 6, 13)),
    "Kadomtsev-Petviashvili": ([(1, 0, 0), (2, 0, 0), (4, 0, 0), (0, 2, 0), (1, 0, 1)], (4, 7, 13)),
    "gradient-enhanced KdV": ([(1, 0, 0), (2, 0, 0), (3, 0, 0), (4, 0, 0), (0, 0, 1), (0, 0, 2), (1, 0, 1), (3, 0, 1)], (3, 0, 5)),
}


@pytest.mark.parametrize("name", RESIDUALS)
def test_a_whole_residual_in_one_clean_jet(u, at, name):
    indices, slots = RESIDUALS[name]
    for index in indices:
        # The published slots show each index alone ...
        assert clean_divisor(index, slots) > 0
    values = partials_from_one_jet(u, at.detach(), indices)
    for index, value in zip(indices, values, strict=True):
        close(value, reference(u, at, *[axis for axis, order in enumerate(index) for _ in range(order)]))
    found = clean_slots(indices)
    assert max(sum(q * s for q, s in zip(i, found, strict=True)) for i in indices) <= max(sum(q * s for q, s in zip(i, slots, strict=True)) for i in indices)


def test_divisors_of_the_order_21_jet():
    expected = {(2, 0, 0): 126, (1, 1, 0): 462, (0, 2, 0): 462, (0, 1, 1): 27132, (3, 1, 0): 6844101264}
    assert {index: clean_divisor(index, (5, 6, 13)) for index in expected} == expected


def test_polarisation_identities(u, at):
    close((line(u, at, 2, 1, 1, 0) - line(u, at, 2, 1, -1, 0)) / 4, reference(u, at, X, Y))
    close((line(u, at, 3, 1, 1, 0) - line(u, at, 3, 1, -1, 0) - 2 * line(u, at, 3, 0, 1, 0)) / 6, reference(u, at, X, X, Y))
    four = line(u, at, 4, 1, 1, 0) + line(u, at, 4, 1, -1, 0) - 2 * line(u, at, 4, 1, 0, 0) - 2 * line(u, at, 4, 0, 1, 0)
    close(four / 12, reference(u, at, X, X, Y, Y))
    near, far = line(u, at, 4, 1, 1, 0) - line(u, at, 4, 1, -1, 0), line(u, at, 4, 1, 2, 0) - line(u, at, 4, 1, -2, 0)
    close((8 * near - far) / 48, reference(u, at, X, X, X, Y))
    signs = [(1, 1, 1, 1), (-1, 1, 1, -1), (-1, 1, -1, 1), (1, 1, -1, -1)]
    close(sum(s * line(u, at, 3, *d) for s, *d in signs) / 24, reference(u, at, X, Y, T))


@pytest.mark.parametrize("orders", [(1, 1, 0), (2, 1, 0), (2, 2, 0), (3, 1, 0), (1, 1, 1), (0, 3, 0), (2, 1, 1), {0: 1, 2: 3}])
def test_any_mixed_derivative_by_polarisation(u, at, orders):
    items = orders.items() if isinstance(orders, dict) else enumerate(orders)
    value, derivative = partial(u, at.detach(), orders)
    close(derivative, reference(u, at, *[axis for axis, order in items for _ in range(order)]))
    torch.testing.assert_close(value, u(at.detach()))


LEAST = {(1, 1): 2, (2, 1): 3, (2, 2): 4, (3, 1): 4, (4, 1): 5, (3, 2): 5, (3, 3): 6, (4, 2): 6, (1, 1, 1): 4, (2, 1, 1): 6, (2, 2, 1): 9, (3,): 1, (4,): 1}


def test_number_of_lines():
    """One for a pure derivative, the sum of two orders, and half of Π (αᵢ + 1) where a first derivative takes part."""
    assert {orders: len(polarisation(orders)[0]) for orders in LEAST} == LEAST
    assert polarisation((3,)) == ([(1.0,)], [1.0])


@pytest.mark.parametrize("orders", [*LEAST, (4, 4), (2, 2, 2)])
def test_lines_reproduce_the_monomial(orders):
    """Dᵏ of x^β along a line v is k! v^β, so the sum has to be α! for β = α and 0 for every other β of the same degree."""
    k, (lines, weights) = sum(orders), polarisation(orders)
    for beta in itertools.product(range(k + 1), repeat=len(orders)):
        if sum(beta) == k:
            total = sum(w * math.prod(v**b for v, b in zip(line, beta, strict=True)) for line, w in zip(lines, weights, strict=True)) * math.factorial(k)
            assert total == pytest.approx(math.prod(map(math.factorial, orders)) if beta == orders else 0.0, abs=1e-9)


def test_slots_of_many_variables_are_found_at_once():
    """And are those of an exhaustive search."""
    assert clean_slots([(1, 1, 0, 0), (0, 1, 1, 0), (0, 0, 1, 1), (1, 0, 0, 1)]) == (6, 13, 9, 14)
    assert clean_slots([(2, 2, 1)]) == (6, 8, 9)
    for index in [(2, 1), (2, 2), (1, 1, 1)]:
        assert clean_slots([index]) == exhaustive(index)


def exhaustive(index):
    for order in range(1, 20):
        for slots in itertools.permutations(range(1, order + 1), len(index)):
            reading = sum(q * s for q, s in zip(index, slots, strict=True))
            sums = itertools.product(*(range(reading // s + 1) for s in slots))
            if reading == order and sum(sum(p * s for p, s in zip(entry, slots, strict=True)) == reading for entry in sums) == 1:
                return slots
    return None


def test_a_derivative_is_needed():
    with pytest.raises(ValueError, match=r"partial: needs the order of a derivative along at least one coordinate, all positive, got \(0, 0\); use f\(x\)"):
        partial(torch.sin, points(2, 2), (0, 0))
    with pytest.raises(ValueError, match=r"clean_slots: needs a jet of order 40 or less"):
        clean_slots([(9, 9)])


def test_coordinates_must_exist():
    with pytest.raises(ValueError, match=r"partial: needs coordinates from 0 to 1, got orders along \[0, 2\]"):
        partial(torch.sin, points(2, 2), {0: 1, 2: 1})
    with pytest.raises(ValueError, match=r"partials_from_one_jet: needs indices with one order per coordinate, 2, got \[\(1, 1, 0\)\]"):
        partials_from_one_jet(torch.sin, points(2, 2), [(1, 1, 0)])
