from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from neuralpde.pretrained.typed_json import from_plain


@dataclass(frozen=True)
class Leaf:
    number: float
    label: str | None = None


@dataclass(frozen=True)
class Tree:
    leaves: tuple[Leaf, ...]
    names: Mapping[str, Any]


def test_nested_records():
    tree = from_plain(Tree, {"leaves": [{"number": 1}, {"number": 2.5, "label": "b"}], "names": {"x": [1]}})
    assert tree == Tree((Leaf(1.0), Leaf(2.5, "b")), {"x": [1]})
    assert isinstance(tree.leaves[0].number, float)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"leaves": [{"number": True}], "names": {}}, r"True for 'leaves\[0\].number'"),
        ({"leaves": [{}], "names": {}}, r"no entry 'number' in 'leaves\[0\]'"),
        ({"leaves": [], "names": []}, r"\[\] for 'names'"),
        ({"leaves": [], "names": {}, "roots": 1}, "the unknown entry 'roots'"),
        ([], r"\[\] for 'the whole'"),
    ],
)
def test_wrong_values_are_named_with_their_place(value, text):
    with pytest.raises(ValueError, match=text):
        from_plain(Tree, value)
