"""Fields known at some points by their derivatives there: what an equation computes with inside a constraint."""

from __future__ import annotations

import itertools
import math
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

__all__ = ["Coordinate", "Leaf", "LocalField", "MultiIndex", "shifted"]

MultiIndex = tuple[int, ...]
"""Orders of differentiation in (t, x₁, …)."""


class LocalField(ABC):
    """A field at scattered points that knows its own derivatives: sums, products and functions of such fields do, too.

    ``at(index)`` is the derivative of that order, ``(batch, channel, points)``. Products follow Leibniz' rule and functions the chain rule, on
    demand and once; nothing is computed that the equation does not ask for.

    Limits: a leaf that lacks a derivative raises. Comparisons and ``torch.where`` are not supported; use ``torch.clamp`` or ``torch.relu``.
    """

    def __init__(self) -> None:
        self._memo: dict[MultiIndex, Any] = {}

    def at(self, index: MultiIndex) -> Any:
        """Derivative of order ``index``, a tensor that broadcasts against ``(batch, channel, points)``, or a number."""
        if index not in self._memo:
            self._memo[index] = self._at(index)
        return self._memo[index]

    @abstractmethod
    def _at(self, index: MultiIndex) -> Any: ...

    def __add__(self, other: Any) -> LocalField:
        return self if _is_zero(other) else _Sum(self, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> LocalField:
        return self if _is_zero(other) else _Sum(self, -1.0 * other)

    def __rsub__(self, other: Any) -> LocalField:
        return -1.0 * self + other

    def __mul__(self, other: Any) -> LocalField:
        return _Product(self, other)

    __rmul__ = __mul__

    def __neg__(self) -> LocalField:
        return -1.0 * self

    def __truediv__(self, other: Any) -> LocalField:
        return self * (_Function(torch.reciprocal, other) if isinstance(other, LocalField) else 1.0 / other)

    def __rtruediv__(self, other: Any) -> LocalField:
        return _Function(torch.reciprocal, self) * other

    def __pow__(self, exponent: Any) -> LocalField:
        if isinstance(exponent, LocalField):
            raise TypeError("LocalField: an exponent needs to be a number or a coefficient, got a field; write it with exp and log.")
        return _Function(lambda z: z**exponent, self)

    @classmethod
    def __torch_function__(cls, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Arithmetic with tensors, and any elementwise torch function of one field."""
        del types
        arithmetic = _ARITHMETIC.get(func.__name__)
        if arithmetic is not None and len(args) == 2 and not kwargs:
            return arithmetic(*args)
        places = [place for place, arg in enumerate(args) if isinstance(arg, LocalField)]
        if len(places) != 1:
            raise TypeError(f"LocalField: {func.__name__} needs one field among its positional arguments, got {len(places)}; combine them by arithmetic.")
        before, after = args[: places[0]], args[places[0] + 1 :]
        return _Function(lambda z: func(*before, z, *after, **(kwargs or {})), args[places[0]])


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: b + a if isinstance(b, LocalField) else a + b,
    "mul": lambda a, b: b * a if isinstance(b, LocalField) else a * b,
    "sub": lambda a, b: a - b if isinstance(a, LocalField) else b.__rsub__(a),
    "rsub": lambda a, b: b - a if isinstance(b, LocalField) else a.__rsub__(b),
    "div": lambda a, b: a / b if isinstance(a, LocalField) else b.__rtruediv__(a),
    "true_divide": lambda a, b: a / b if isinstance(a, LocalField) else b.__rtruediv__(a),
    "pow": operator.pow,
}


def _is_zero(other: Any) -> bool:
    return isinstance(other, (int, float)) and other == 0


def _derivative(operand: Any, index: MultiIndex) -> Any:
    """Derivative of a field, a coefficient or a number."""
    if isinstance(operand, LocalField):
        return operand.at(index)
    if not any(index):
        return operand
    if isinstance(operand, Tensor) and operand.ndim and operand.shape[-1] != 1:
        raise TypeError(
            f"LocalField: a coefficient that varies in space needs to be a callable of the provider, got values of shape {tuple(operand.shape)}; "
            "their derivative is not known at scattered points."
        )
    return 0.0


class Leaf(LocalField):
    """A field given by its derivatives.

    Args:
        table: ``(batch, channel, points)`` by multi-index.
        name: for error messages.
    """

    def __init__(self, table: Mapping[MultiIndex, Tensor], name: str = "the state") -> None:
        super().__init__()
        self.table, self.name = table, name

    def _at(self, index: MultiIndex) -> Tensor:
        if index not in self.table:
            raise TypeError(f"LocalField: {self.name} is tabulated with the derivatives {sorted(self.table)}, got a request for {index}; tabulate it too.")
        return self.table[index]

    def channels(self) -> tuple[Leaf, ...]:
        """One leaf per channel."""
        count = next(iter(self.table.values())).shape[1]
        return tuple(Leaf({index: values[:, c : c + 1] for index, values in self.table.items()}, self.name) for c in range(count))


class Coordinate(LocalField):
    """Time (slot 0) or a space coordinate, whose derivatives are one and zero."""

    def __init__(self, values: Tensor, slot: int) -> None:
        super().__init__()
        self.values, self.slot = values, slot

    def _at(self, index: MultiIndex) -> Any:
        if not any(index):
            return self.values
        return 1.0 if sum(index) == 1 and index[self.slot] == 1 else 0.0


class _Shifted(LocalField):
    def __init__(self, field: LocalField, by: MultiIndex) -> None:
        super().__init__()
        self.field, self.by = field, by

    def _at(self, index: MultiIndex) -> Any:
        return self.field.at(tuple(map(operator.add, index, self.by)))


class _Sum(LocalField):
    def __init__(self, first: LocalField, second: Any) -> None:
        super().__init__()
        self.first, self.second = first, second

    def _at(self, index: MultiIndex) -> Any:
        return self.first.at(index) + _derivative(self.second, index)


class _Product(LocalField):
    def __init__(self, first: LocalField, second: Any) -> None:
        super().__init__()
        self.first, self.second = first, second

    def _at(self, index: MultiIndex) -> Any:
        if not isinstance(self.second, LocalField) and not (isinstance(self.second, Tensor) and self.second.ndim and self.second.shape[-1] != 1):
            return self.first.at(index) * self.second
        total: Any = 0.0
        for part in itertools.product(*(range(order + 1) for order in index)):
            rest = tuple(map(operator.sub, index, part))
            second = _derivative(self.second, rest)
            if not _is_zero(second):
                total = total + math.prod(map(math.comb, index, part)) * self.first.at(part) * second
        return total


class _Function(LocalField):
    """An elementwise function of a field."""

    def __init__(self, function: Callable[[Tensor], Tensor], field: LocalField) -> None:
        super().__init__()
        self.function, self.field = function, field

    def _at(self, index: MultiIndex) -> Any:
        if not any(index):
            return self.function(self.field.at(index))
        slot = next(slot for slot, order in enumerate(index) if order)
        first = tuple(int(place == slot) for place in range(len(index)))
        slope = _Function(self._slope, self.field)
        return _Product(slope, _Shifted(self.field, first)).at(tuple(map(operator.sub, index, first)))

    def _slope(self, z: Tensor) -> Tensor:
        value, pull = torch.func.vjp(self.function, z)  # pyright: ignore[reportAssignmentType]
        return pull(torch.ones_like(value))[0]


def shifted(field: Any, by: MultiIndex) -> Any:
    """Derivative of order ``by`` of a field, as a field; zero for numbers and for coefficients that do not vary."""
    return _Shifted(field, by) if isinstance(field, LocalField) else _derivative(field, by)
