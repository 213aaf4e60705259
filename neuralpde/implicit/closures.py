"""Finding tensors that a function uses without receiving them as arguments."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from torch import Tensor, nn
from torch.utils import _pytree as pytree

from neuralpde.implicit.levels import differentiated

__all__ = ["refuse_captured", "refuse_hidden_dependence"]


def captured(function: Callable[..., Any], name: str = "") -> Iterator[tuple[str, Any]]:
    """(name, value) of all a function holds: closure cells, bound arguments, its object."""
    if isinstance(function, functools.partial):
        yield from captured(function.func)
        yield from ((f"argument {i}", value) for i, value in enumerate(function.args))
        yield from function.keywords.items()
    elif inspect.ismethod(function):
        yield "self", function.__self__
        yield from captured(function.__func__)
    elif inspect.isfunction(function):
        cells = function.__closure__ or ()
        for variable, cell in zip(function.__code__.co_freevars, cells, strict=True):
            try:
                yield variable, cell.cell_contents
            except ValueError:  # a name that is bound later
                continue
    else:
        yield name or type(function).__name__, function


def culprits(name: str, value: Any, seen: set[int]) -> Iterator[str]:
    """Names of the differentiated tensors in a captured value; functions inside functions are followed."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, nn.Module):
        return  # it may be a shell for torch.func.functional_call; what it contributes shows in the result
    if inspect.isfunction(value) or inspect.ismethod(value) or isinstance(value, functools.partial):
        for inner, held in captured(value):
            yield from culprits(inner, held, seen)
    else:
        yield from (name for leaf in pytree.tree_leaves(value) if isinstance(leaf, Tensor) and differentiated(leaf))


def refuse_captured(function: Callable[..., Any], *, who: str) -> None:
    """Refuse a function that holds tensors which need derivatives: the implicit rule sees arguments only, and their derivative would be lost.

    Raises:
        TypeError: names the tensors.
    """
    seen: set[int] = set()
    names = list(dict.fromkeys(found for name, value in captured(function) for found in culprits(name, value, seen)))
    if names:
        raise TypeError(_sentence(who, ", ".join(names[:4]) + (", …" if len(names) > 4 else "")))


def refuse_hidden_dependence(value: Tensor, *, who: str) -> None:
    """The same for what only a result shows: ``value`` was computed from detached arguments and must not need derivatives.

    Raises:
        TypeError: if it does.
    """
    if differentiated(value):
        raise TypeError(_sentence(who, "in a module, a global or an attribute"))


def _sentence(who: str, names: str) -> str:
    return (
        f"{who}: expected a function of its arguments alone, got one that closes over tensors that need derivatives ({names}); "
        "pass them as arguments (parameters of a module through torch.func.functional_call) or detach them."
    )
