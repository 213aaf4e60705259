"""Plain JSON values into dataclasses, strictly."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any

__all__ = ["from_plain"]


def from_plain(kind: Any, value: Any, where: str = "") -> Any:
    """``value`` as an instance of ``kind``: a dataclass, ``tuple[X, ...]``, ``Mapping[str, X]``, ``X | None``, ``Any`` or a plain type.

    Args:
        kind: a type annotation.
        value: what ``json.loads`` returned.
        where: dotted path of the value, for messages.

    Raises:
        ValueError: an entry that is missing, unknown or of another type; the message says where and what it is.
    """
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return value
    if origin in (typing.Union, types.UnionType):
        return None if value is None else from_plain(arguments[0], value, where)
    if origin is tuple:
        return tuple(from_plain(arguments[0], entry, f"{where}[{i}]") for i, entry in enumerate(_require(list, value, where)))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: from_plain(arguments[1], entry, f"{where}.{key}") for key, entry in _require(dict, value, where).items()}
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _record(kind, _require(dict, value, where), where)
    return float(_require((int, float), value, where)) if kind is float else _require(kind, value, where)


def _record(kind: type, value: dict[str, Any], where: str) -> Any:
    hints = typing.get_type_hints(kind)
    fields = {f.name: f for f in dataclasses.fields(kind)}
    required = {name for name, f in fields.items() if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING}
    for names, fault in ((required - value.keys(), "no entry"), (value.keys() - fields.keys(), "the unknown entry")):
        if names:
            raise ValueError(f"{fault} {sorted(names)[0]!r}{f' in {where!r}' if where else ''}")
    return kind(**{name: from_plain(hints[name], entry, f"{where}.{name}".lstrip(".")) for name, entry in value.items()})


def _require(kind: type | tuple[type, ...], value: Any, where: str) -> Any:
    # bool is an int in Python, never in a card
    if isinstance(value, bool) or not isinstance(value, kind):
        raise ValueError(f"{value!r} for {where or 'the whole'!r}")
    return value
