"""Objects as plain ``_target_`` trees and back: what a data file needs to rebuild the scenario it came from."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["LATER", "from_recipe", "target_path", "to_recipe"]

LATER = {"left_out_at_default": True}
"""Metadata of a dataclass field that was added later: while it has its default it stays out of recipes, so that old files and fingerprints remain valid."""

TRUSTED = ("neuralpde.",)
"""Packages whose classes a recipe may name."""


def target_path(target: type) -> str:
    """Shortest importable path of a class: that of the outermost package, below the root, which exports it."""
    path = target.__module__
    while path.count(".") > 1:
        parent = path.rpartition(".")[0]
        if getattr(sys.modules.get(parent), target.__qualname__, None) is not target:
            break
        path = parent
    return f"{path}.{target.__qualname__}"


def to_recipe(value: Any) -> Any:
    """A tree of dicts, lists, numbers, strings and None that rebuilds ``value`` by :func:`from_recipe`.

    Understands dataclasses (their constructor arguments), classes and ``functools.partial`` of classes (``_partial_: true``),
    mappings, sequences and plain values.

    Raises:
        TypeError: an object of another kind, such as a closure or a tensor.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, type):
        return {"_target_": target_path(value), "_partial_": True}
    if isinstance(value, functools.partial) and isinstance(value.func, type) and not value.args:
        return {"_target_": target_path(value.func), "_partial_": True, **to_recipe(value.keywords)}
    if dataclasses.is_dataclass(value):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.init and not _left_out(field, value)}
        return {"_target_": target_path(type(value)), **to_recipe(fields)}
    if isinstance(value, Mapping):
        return {str(key): to_recipe(entry) for key, entry in value.items()}
    if isinstance(value, Sequence):
        return [to_recipe(entry) for entry in value]
    raise TypeError(f"to_recipe: expected dataclasses, classes, partials of classes and plain values, got {value!r}; turn it into a frozen dataclass.")


def _left_out(field: dataclasses.Field, owner: Any) -> bool:
    return "left_out_at_default" in field.metadata and getattr(owner, field.name) == field.default


def from_recipe(tree: Any, *, trusted: tuple[str, ...] = TRUSTED) -> Any:
    """The object that :func:`to_recipe` described; sequences come back as tuples.

    Args:
        tree: a recipe.
        trusted: prefixes of the modules whose classes may be built. A recipe comes out of a file, so nothing else is ever called.

    Raises:
        ValueError: a ``_target_`` outside ``trusted``, or one that does not exist.
    """
    if isinstance(tree, Mapping):
        values = {key: from_recipe(entry, trusted=trusted) for key, entry in tree.items() if key not in ("_target_", "_partial_")}
        if "_target_" not in tree:
            return values
        target = _resolve(str(tree["_target_"]), trusted)
        if tree.get("_partial_"):
            return functools.partial(target, **values) if values else target
        return target(**values)
    if isinstance(tree, Sequence) and not isinstance(tree, str):
        return tuple(from_recipe(entry, trusted=trusted) for entry in tree)
    return tree


def _resolve(path: str, trusted: tuple[str, ...]) -> type:
    """The class at ``path``; its own module must be trusted too, since a module also shows what it imports."""
    module, _, name = path.rpartition(".")
    target = None
    if path.startswith(trusted):
        try:
            target = getattr(importlib.import_module(module), name, None)
        except ImportError:
            target = None
    if not isinstance(target, type) or not f"{target.__module__}.".startswith(trusted):
        raise ValueError(f"from_recipe: expected a class of {' or '.join(trusted)}, got {path!r}; name the package in `trusted` if you trust the file.")
    return target
