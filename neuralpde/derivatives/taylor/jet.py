"""Jets: Taylor series that pass through ordinary functions and modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from neuralpde.derivatives.taylor import (
    activations,
    arithmetic,
    branches,
    contractions,
    entries,
    inverse_functions,
    linear_maps,
    normalisation,
    powers,
    reductions,
    shapes,
    two_arguments,
)
from neuralpde.derivatives.taylor.series import Series

__all__ = ["Jet"]

_RULES: dict[Callable, Callable[..., Any]] = {
    **arithmetic.RULES,
    **activations.RULES,
    **branches.RULES,
    **contractions.RULES,
    **entries.RULES,
    **inverse_functions.RULES,
    **linear_maps.RULES,
    **normalisation.RULES,
    **powers.RULES,
    **reductions.RULES,
    **shapes.RULES,
    **two_arguments.RULES,
}


def _rule_for(function: Callable) -> Callable[..., Any]:
    rule = _RULES.get(function)
    if rule is None:
        name = getattr(function, "__name__", str(function))
        raise TypeError(f"Jet: needs a Taylor rule for every operation, got {name!r} without one; rewrite it with supported operations or use reverse mode.")
    return rule


def _method(function: Callable) -> Callable[..., Any]:
    rule = _RULES[function]

    def call(self: Jet, *args: Any, **kwargs: Any) -> Any:
        return rule(self, *args, **kwargs)

    call.__doc__ = f"The same method of a tensor, :func:`torch.{function.__name__}`, on a jet."
    return call


class Jet(Series):
    """A tensor together with its Taylor coefficients; put in the place of a tensor, it differentiates what is computed from it.

    Functions and modules of torch accept it (``net(jet)``, ``torch.tanh(jet)``, ``2 * jet``); an operation without a rule raises. It is no tensor:
    in-place operations, ``out=`` and autograd functions are not available, but its coefficients are ordinary tensors, so that gradients with respect to
    parameters and points, compilation and vmap act as on any other code.

    Users start from :func:`neuralpde.derivatives.jet` or one of the operators. Attributes and coefficients: see :class:`Series`.
    """

    @classmethod
    def __torch_function__(cls, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """The rule of the function, or an error that names it."""
        del types
        return _rule_for(func)(*args, **(kwargs or {}))

    if not TYPE_CHECKING:  # a checker would take every name for an attribute

        def __getattr__(self, name: str) -> Any:
            # Only what is found nowhere else comes here; an AttributeError, so that hasattr and copy see an ordinary object.
            raise AttributeError(f"Jet: needs a Taylor rule for every operation, got the attribute {name!r} without one; rewrite it with supported operations.")

    def size(self, dim: int | None = None) -> Any:
        """Shape of the value, or one entry of it."""
        return self.shape if dim is None else self.shape[dim]

    def dim(self) -> int:
        """Number of axes of the value."""
        return self.ndim

    def numel(self) -> int:
        """Number of entries of the value."""
        return self.value.numel()

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> Any:
        return entries.select(self, index)

    def __add__(self, other: Any) -> Any:
        return arithmetic.add(self, other)

    def __sub__(self, other: Any) -> Any:
        return arithmetic.subtract(self, other)

    def __rsub__(self, other: Any) -> Any:
        return arithmetic.subtract(other, self)

    def __mul__(self, other: Any) -> Any:
        return arithmetic.multiply(self, other)

    def __truediv__(self, other: Any) -> Any:
        return arithmetic.divide(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return arithmetic.divide(other, self)

    def __pow__(self, exponent: Any) -> Any:
        return powers.power(self, exponent)

    def __rpow__(self, base: Any) -> Any:
        return powers.power(base, self)

    def __matmul__(self, other: Any) -> Any:
        return contractions.matmul(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return contractions.matmul(other, self)

    def __neg__(self) -> Any:
        return arithmetic.negate(self)

    def __gt__(self, other: Any) -> Tensor:
        return branches.RULES[torch.gt](self, other)

    def __ge__(self, other: Any) -> Tensor:
        return branches.RULES[torch.ge](self, other)

    def __lt__(self, other: Any) -> Tensor:
        return branches.RULES[torch.lt](self, other)

    def __le__(self, other: Any) -> Tensor:
        return branches.RULES[torch.le](self, other)

    __radd__ = __add__
    __rmul__ = __mul__

    abs = _method(torch.abs)
    acos = _method(torch.acos)
    acosh = _method(torch.acosh)
    add = _method(torch.add)
    addmm = _method(torch.addmm)
    addmv = _method(torch.addmv)
    amax = _method(torch.amax)
    amin = _method(torch.amin)
    asin = _method(torch.asin)
    asinh = _method(torch.asinh)
    atan = _method(torch.atan)
    atan2 = _method(torch.atan2)
    atanh = _method(torch.atanh)
    baddbmm = _method(torch.baddbmm)
    bmm = _method(torch.bmm)
    chunk = _method(torch.chunk)
    clamp = _method(torch.clamp)
    clone = _method(torch.clone)
    cos = _method(torch.cos)
    cosh = _method(torch.cosh)
    cumsum = _method(torch.cumsum)
    detach = _method(torch.detach)
    diagonal = _method(torch.diagonal)
    div = _method(torch.div)
    dot = _method(torch.dot)
    erf = _method(torch.erf)
    erfc = _method(torch.erfc)
    exp = _method(torch.exp)
    expand = _method(torch.Tensor.expand)
    expm1 = _method(torch.expm1)
    flatten = _method(torch.flatten)
    flip = _method(torch.flip)
    gather = _method(torch.gather)
    hypot = _method(torch.hypot)
    index_select = _method(torch.index_select)
    log = _method(torch.log)
    log1p = _method(torch.log1p)
    logaddexp = _method(torch.logaddexp)
    logsumexp = _method(torch.logsumexp)
    matmul = _method(torch.matmul)
    max = _method(torch.max)
    maximum = _method(torch.maximum)
    mean = _method(torch.mean)
    min = _method(torch.min)
    minimum = _method(torch.minimum)
    mm = _method(torch.mm)
    movedim = _method(torch.movedim)
    mul = _method(torch.mul)
    narrow = _method(torch.narrow)
    neg = _method(torch.neg)
    norm = _method(torch.norm)
    permute = _method(torch.permute)
    pow = _method(torch.pow)
    prod = _method(torch.prod)
    reciprocal = _method(torch.reciprocal)
    relu = _method(torch.relu)
    repeat = _method(torch.Tensor.repeat)
    repeat_interleave = _method(torch.repeat_interleave)
    reshape = _method(torch.reshape)
    roll = _method(torch.roll)
    rsqrt = _method(torch.rsqrt)
    sigmoid = _method(torch.sigmoid)
    sin = _method(torch.sin)
    sinc = _method(torch.sinc)
    sinh = _method(torch.sinh)
    softmax = _method(torch.softmax)
    split = _method(torch.split)
    sqrt = _method(torch.sqrt)
    square = _method(torch.square)
    squeeze = _method(torch.squeeze)
    std = _method(torch.std)
    sub = _method(torch.sub)
    sum = _method(torch.sum)
    swapaxes = _method(torch.swapaxes)
    take_along_dim = _method(torch.take_along_dim)
    tan = _method(torch.tan)
    tanh = _method(torch.tanh)
    tile = _method(torch.tile)
    transpose = _method(torch.transpose)
    tril = _method(torch.tril)
    triu = _method(torch.triu)
    unbind = _method(torch.unbind)
    unflatten = _method(torch.unflatten)
    unfold = _method(torch.Tensor.unfold)
    unsqueeze = _method(torch.unsqueeze)
    var = _method(torch.var)
    view = _method(torch.reshape)

    def contiguous(self) -> Jet:
        """Itself: the layout of coefficients is no concern of the caller."""
        return self

    @property
    def T(self) -> Any:  # noqa: N802
        """All axes in reverse order."""
        return self.permute(tuple(range(self.ndim))[::-1])
