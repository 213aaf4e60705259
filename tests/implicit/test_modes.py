"""Pulling back and pushing forward."""

from __future__ import annotations

import pytest
import torch
from torch.autograd import forward_ad

from neuralpde.implicit.modes import pull_params, push, push_params

DOUBLE = torch.float64


def product(a, n, b):
    return a * b**n


A, N, B = torch.tensor([2.0, 3.0], dtype=DOUBLE), torch.tensor(2), torch.tensor([5.0, 7.0], dtype=DOUBLE)


def test_pull_and_push_of_some_parameters():
    slots = pull_params(product, (A, N, B), [2], torch.ones(2, dtype=DOUBLE))
    assert slots[0] is None and slots[1] is None and slots[2].tolist() == [20.0, 42.0]
    assert push_params(product, (A, N, B), (None, None, torch.ones(2, dtype=DOUBLE))).tolist() == [20.0, 42.0]
    assert push_params(product, (A, N, B), (None, None, None)) is None


def test_push_inside_a_dual_level():
    """Forward mode cannot be nested there; two reverse passes give the same."""
    direction = torch.ones(2, dtype=DOUBLE)
    with forward_ad.dual_level():
        inside = push(torch.sin, (A,), (direction,))
    torch.testing.assert_close(inside, torch.cos(A))
    torch.testing.assert_close(push(torch.sin, (A,), (direction,)), inside)


class _OnlyReverse(torch.autograd.Function):
    """A cube without a rule for forward mode."""

    @staticmethod
    def forward(x):
        return x**3

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return 3 * x**2 * grad


def test_push_through_what_has_no_forward_derivative():
    assert push(_OnlyReverse.apply, (A,), (torch.ones(2, dtype=DOUBLE),)).tolist() == [12.0, 27.0]


def test_errors_of_the_function_stay_as_they_are():
    with pytest.raises(RuntimeError, match="must match the size"):
        push(lambda a: a + torch.ones(3), (A,), (A,))
