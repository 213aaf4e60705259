"""Fields of the fast spectral solver: values or Fourier coefficients, converted only when needed."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor

__all__ = ["LazyField", "Transform"]


class Transform(Protocol):
    """The pair of dealiased transforms that a field uses, and the number of space axes."""

    ndim: int

    def forward(self, values: Tensor) -> Tensor:
        """Fourier coefficients of values."""
        ...

    def backward(self, u_hat: Tensor) -> Tensor:
        """Values from Fourier coefficients."""
        ...


class LazyField:
    """A field known by values, by Fourier coefficients, or as a multiple of another field; each conversion happens at most once.

    Sums stay in coefficient space, products go to values, multiples share the conversions of the field they come from. A plain zero is
    neutral, so that an absent forcing costs no transform. Elementary torch functions act on the values.
    """

    __slots__ = ("_base", "_spectrum", "_transform", "_values")

    def __init__(
        self,
        transform: Transform,
        *,
        values: Tensor | None = None,
        spectrum: Tensor | None = None,
        multiple_of: tuple[float | Tensor, LazyField] | None = None,
    ) -> None:
        self._transform, self._values, self._spectrum, self._base = transform, values, spectrum, multiple_of

    @property
    def values(self) -> Tensor:
        """Point values ``(..., channel, *space)``."""
        if self._values is not None:
            return self._values
        if self._base is not None:
            self._values = self._base[0] * self._base[1].values
        elif self._spectrum is not None:
            self._values = self._transform.backward(self._spectrum)
        return self._known(self._values)

    @property
    def spectrum(self) -> Tensor:
        """Fourier coefficients ``(..., channel, *k)``, half along the last axis."""
        if self._spectrum is not None:
            return self._spectrum
        if self._base is not None:
            self._spectrum = self._base[0] * self._base[1].spectrum
        elif self._values is not None:
            self._spectrum = self._transform.forward(self._values)
        return self._known(self._spectrum)

    @staticmethod
    def _known(content: Tensor | None) -> Tensor:
        if content is None:
            raise ValueError("LazyField: needs values, a spectrum or a field to be a multiple of, got none of them; pass one.")
        return content

    @property
    def is_spectral(self) -> bool:
        """Whether the Fourier coefficients are known without a transform."""
        return self._spectrum is not None or (self._base is not None and self._base[1].is_spectral)

    def _multiple(self, factor: float | Tensor) -> LazyField:
        return LazyField(self._transform, multiple_of=(factor, self))

    def _is_constant(self, other: Any) -> bool:
        """Whether ``other`` does not vary in space, so that it commutes with the transform."""
        return isinstance(other, (int, float)) or (isinstance(other, Tensor) and math.prod(other.shape[-self._transform.ndim :]) == 1)

    def _as_field(self, other: Any) -> LazyField:
        if isinstance(other, LazyField):
            return other
        if self._is_constant(other):
            other = other + torch.zeros_like(self.values)
        return LazyField(self._transform, values=other)

    def _combine(self, other: Any, sign: float) -> LazyField:
        if isinstance(other, (int, float)) and other == 0:
            return self
        other = self._as_field(other)
        if self.is_spectral or other.is_spectral:
            return LazyField(self._transform, spectrum=torch.add(self.spectrum, other.spectrum, alpha=sign))
        return LazyField(self._transform, values=torch.add(self.values, other.values, alpha=sign))

    def __add__(self, other: Any) -> LazyField:
        return self._combine(other, 1)

    __radd__ = __add__

    def __sub__(self, other: Any) -> LazyField:
        return self._combine(other, -1)

    def __rsub__(self, other: Any) -> LazyField:
        return self._multiple(-1.0)._combine(other, 1)

    def __neg__(self) -> LazyField:
        return self._multiple(-1.0)

    def __mul__(self, other: Any) -> LazyField:
        if self._is_constant(other):
            return self._multiple(other)
        return LazyField(self._transform, values=self.values * self._as_field(other).values)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> LazyField:
        if self._is_constant(other):
            return self._multiple(1.0 / other)
        return LazyField(self._transform, values=self.values / self._as_field(other).values)

    def __rtruediv__(self, other: Any) -> LazyField:
        return LazyField(self._transform, values=_values_of(other) / self.values)

    def __pow__(self, exponent: Any) -> LazyField:
        return LazyField(self._transform, values=self.values ** _values_of(exponent))

    @classmethod
    def __torch_function__(cls, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Tensor-first arithmetic goes through the operators above; any other function acts on the values."""
        del types
        binary = _BINARY.get(getattr(func, "__name__", ""))
        if binary is not None and len(args) == 2 and not kwargs:
            return binary(*args)
        transform = next(arg._transform for arg in args if isinstance(arg, LazyField))
        result = func(*(_values_of(arg) for arg in args), **(kwargs or {}))
        return LazyField(transform, values=result) if isinstance(result, Tensor) else result


def _values_of(operand: Any) -> Any:
    return operand.values if isinstance(operand, LazyField) else operand


def _add(a: Any, b: Any) -> Any:
    return a + b if isinstance(a, LazyField) else b.__radd__(a)


def _subtract(a: Any, b: Any) -> Any:
    return a - b if isinstance(a, LazyField) else b.__rsub__(a)


def _multiply(a: Any, b: Any) -> Any:
    return a * b if isinstance(a, LazyField) else b.__rmul__(a)


def _divide(a: Any, b: Any) -> Any:
    return operator.truediv(a, b) if isinstance(a, LazyField) else b.__rtruediv__(a)


# Names under which torch announces an operator whose left operand is a tensor.
_BINARY: dict[str, Callable[[Any, Any], Any]] = {"add": _add, "sub": _subtract, "mul": _multiply, "div": _divide, "true_divide": _divide}
