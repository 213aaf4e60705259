"""Calls taken apart and put together."""

from __future__ import annotations

import torch

from neuralpde.implicit.calls import Call


def test_round_trip_with_strangers():
    a, b = torch.ones(2), torch.tensor(3)
    call = Call.of((a, "text", {"k": (b, None)}), {"flag": True})
    assert not call.plain and [id(t) for t in call.tensors] == [id(a), id(b)]
    args, kwargs = call.fill([2 * a, b + 1])
    assert args[0].tolist() == [2.0, 2.0] and args[1] == "text" and int(args[2]["k"][0]) == 4 and kwargs == {"flag": True}
    blank, nothing = call.blank([a, None])
    assert blank[1] is None and blank[2]["k"] == (None, None) and nothing == {"flag": None}


def test_plain_calls_are_quick_and_equal():
    a, b = torch.ones(2), torch.ones(3)
    call = Call.of((a, b), {})
    assert call.plain and call.fill([a, b]) == ((a, b), {})
    assert not Call.of((a,), {"b": b}).plain and not Call.of(((a,),), {}).plain
