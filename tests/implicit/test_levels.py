"""What PyTorch tells about active levels of differentiation."""

from __future__ import annotations

import importlib.util

import pytest
import torch
from torch.autograd import forward_ad
from torch.func import grad, jvp, vmap

from neuralpde.implicit import levels
from neuralpde.implicit.levels import differentiated, primals


def test_levels_of_differentiation_are_seen():
    seen = []

    def look(x):
        seen.append(differentiated(x))
        return x.sum()

    x = torch.ones(2)
    look(x)
    grad(look)(x)
    jvp(look, (x,), (x,))
    vmap(grad(look))(x.reshape(2, 1))
    grad(lambda y: vmap(look)(y.reshape(2, 1)).sum())(x)
    look(x.requires_grad_())
    assert seen == [False, True, True, True, True, True]


def test_tangents_of_the_innermost_level_are_taken_away():
    x = torch.tensor([2.0, 3.0], dtype=torch.float64)
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(x, torch.ones_like(x))
        bare, whole = primals([dual, torch.tensor(3)])
        assert forward_ad.unpack_dual(bare).tangent is None and torch.equal(bare, x) and whole == 3


def test_a_torch_without_the_names_is_refused_with_advice(monkeypatch):
    monkeypatch.delattr(torch._C._functorch, "get_unwrapped")
    spec = importlib.util.spec_from_file_location("other_levels", levels.__file__)
    with pytest.raises(ImportError, match=r"neuralpde.implicit: needs .* got a torch .* without one of them \(.*get_unwrapped.*\); install"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
