"""Finding what a function holds."""

from __future__ import annotations

import functools

import pytest
import torch

from neuralpde.implicit.closures import refuse_captured, refuse_hidden_dependence


class Holder:
    def __init__(self, tensor):
        self.tensor = tensor

    def method(self, x):
        return x * self.tensor


def test_every_way_to_hold_a_tensor():
    w = torch.ones(2, requires_grad=True)

    def outer(x):
        return inner(x)

    def inner(x):
        return x * held["w"][0]

    held = {"w": (w, 1)}
    for function in (lambda x: x * w, outer, functools.partial(lambda w, x: x * w, w), functools.partial(lambda x, w: x * w, w=w)):
        with pytest.raises(TypeError, match="closes over tensors that need derivatives"):
            refuse_captured(function, who="who")
    with pytest.raises(TypeError, match=r"who: .*in a module, a global or an attribute"):
        refuse_hidden_dependence(Holder(w).method(torch.ones(2)), who="who")


def test_constants_pass():
    w = torch.ones(2)
    refuse_captured(lambda x: x * w, who="who")
    refuse_captured(torch.sin, who="who")
    refuse_captured(Holder(w).method, who="who")
    refuse_hidden_dependence(w * 2, who="who")


def test_a_recursive_function_ends():
    def countdown(x):
        return x if float(x) <= 0 else countdown(x - 1)

    refuse_captured(countdown, who="who")
