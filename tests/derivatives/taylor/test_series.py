import torch

from neuralpde.derivatives.taylor import Series, Truncation
from neuralpde.derivatives.taylor.series import align, broadcast


def make(*coefficients):
    return Series([*coefficients, *[None] * (3 - len(coefficients))], Truncation.line(2))


def test_full_restores_shared_axes_and_leaves_zeros():
    x = make(torch.zeros(4, 3), torch.ones(2, 1, 1)).full()
    assert x.coefficients[1].shape == (2, 4, 3) and x.coefficients[2] is None
    assert make(torch.zeros(4, 3), torch.ones(2, 1, 1)).full(-1).coefficients[1].shape == (2, 1, 3)


def test_axes_count_from_the_end():
    x = make(torch.zeros(4, 3))
    assert [x.dim_from_end(0), x.dim_from_end(-1), x.dim_from_end(2, added=1)] == [-2, -1, -1]


def test_directions_stay_in_front_when_axes_are_added():
    value, first, second = align([torch.zeros(3), torch.ones(2, 3), None], 3)
    assert value.shape == (3,) and first.shape == (2, 1, 1, 3) and second is None


def test_broadcast_keeps_what_both_have():
    a, b = make(torch.zeros(3), torch.ones(2, 3)), Series([torch.zeros(4, 3), torch.ones(2, 4, 3)], Truncation.line(1))
    left, right, truncation = broadcast(a, b)
    assert len(truncation) == 2 and left[1].shape == (2, 1, 3) and right[1].shape == (2, 4, 3)


def test_map_treats_the_value_apart():
    x = make(torch.ones(2), torch.ones(1, 2)).map(lambda c: 2 * c, value=lambda c: 2 * c + 1)
    assert x.value.tolist() == [3, 3] and x.coefficients[1].tolist() == [[2, 2]]
    assert (x.shape, x.ndim, x.dtype, x.device.type) == ((2,), 1, torch.float32, "cpu")
