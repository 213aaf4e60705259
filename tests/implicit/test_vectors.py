"""Trees as vectors."""

from __future__ import annotations

import pytest
import torch

from neuralpde.implicit.vectors import Layout


def test_round_trip_and_order():
    tree = {"b": torch.arange(6.0).reshape(2, 3), "a": (torch.tensor([[[7.0]], [[8.0]]]),)}
    layout = Layout.of(tree, batch_dims=1)
    vector = layout.pack(tree)
    assert layout.size == 4 and vector.tolist() == [[0.0, 1.0, 2.0, 7.0], [3.0, 4.0, 5.0, 8.0]]
    back = layout.unpack(vector)
    assert torch.equal(back["b"], tree["b"]) and torch.equal(back["a"][0], tree["a"][0]) and layout.matches(back)
    assert not layout.matches({"b": tree["b"]})


def test_scalars_and_more_axes():
    layout = Layout.of((torch.tensor(1.0), torch.tensor(2.0)))
    assert layout.pack((torch.tensor(1.0), torch.tensor(2.0))).tolist() == [1.0, 2.0]
    assert [leaf.shape for leaf in layout.unpack(torch.zeros(5, 2))] == [(5,), (5,)]


def test_mixed_precision_meets_in_the_highest():
    tree = (torch.ones(2), torch.ones(1, dtype=torch.float64))
    assert Layout.of(tree).pack(tree).dtype == torch.float64


def test_errors():
    with pytest.raises(TypeError, match=r"Layout: expected tensors, or tuples and dicts of them, as the unknown, got \['int'\]"):
        Layout.of((torch.ones(1), 3))
    with pytest.raises(TypeError, match="got nothing"):
        Layout.of(())
