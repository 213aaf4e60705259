"""Pulling back and pushing forward through a function of some of its arguments, inside derivative rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor
from torch._C._functorch import _unwrap_for_grad, peek_interpreter_stack
from torch._functorch import eager_transforms
from torch.autograd import forward_ad

__all__ = ["carries_derivatives", "nested_forward_mode", "primals", "pull_params", "push", "push_params"]


def carries_derivatives(tensor: Tensor) -> bool:
    """Whether a tensor of this type can carry derivatives."""
    return tensor.is_floating_point() or tensor.is_complex()


@contextmanager
def nested_forward_mode() -> Iterator[None]:
    """Keep outer levels of forward mode alive inside a ``jvp`` rule.

    PyTorch switches forward mode off while it runs such a rule, so that forward over forward silently returns zero. Together with :func:`primals`, which
    strips the tangents of the level being differentiated, switching it on again makes every nesting exact.
    """
    with forward_ad._set_fwd_grad_enabled(True):
        yield


def primals(tensors: Sequence[Tensor]) -> list[Tensor]:
    """The tensors without tangents of the innermost level; those of outer levels stay."""
    interpreter = peek_interpreter_stack()
    if interpreter is not None:
        return [_unwrap_for_grad(tensor, interpreter.level()) for tensor in tensors]
    return [forward_ad.unpack_dual(tensor).primal if carries_derivatives(tensor) else tensor for tensor in tensors]


def push(function: Callable[..., Tensor], values: tuple[Tensor, ...], directions: tuple[Tensor, ...]) -> Tensor:
    """Directional derivative of ``function`` at ``values``.

    Forward mode, except inside ``torch.autograd.forward_ad.dual_level()``, which cannot be nested: there the transposed of the transposed Jacobian does it.
    """
    if forward_ad._current_level < 0 or eager_transforms.JVP_NESTING > 0:
        return torch.func.jvp(function, values, directions)[1]
    value, pull = torch.func.vjp(function, *values)[:2]
    return torch.func.vjp(pull, torch.zeros_like(value))[1](directions)[0]


def partial_function(function: Callable[..., Tensor], params: Sequence[Tensor], places: Sequence[int]) -> Callable[..., Tensor]:
    """``function`` as a function of the parameters at ``places`` alone."""

    def of_places(*values: Tensor) -> Tensor:
        filled = list(params)
        for place, value in zip(places, values, strict=True):
            filled[place] = value
        return function(*filled)

    return of_places


def pull_params(function: Callable[..., Tensor], params: Sequence[Tensor], places: Sequence[int], cotangent: Tensor) -> list[Tensor | None]:
    """Cotangents of ``params``, None outside ``places``, for a cotangent of ``function(*params)``."""
    slots: list[Tensor | None] = [None] * len(params)
    if places:
        pulled = torch.func.vjp(partial_function(function, params, places), *(params[i] for i in places))[1](cotangent)
        for place, value in zip(places, pulled, strict=True):
            slots[place] = value
    return slots


def push_params(function: Callable[..., Tensor], params: Sequence[Tensor], tangents: Sequence[Tensor | None]) -> Tensor | None:
    """Tangent of ``function(*params)``; None if no parameter has one."""
    places = [i for i, tangent in enumerate(tangents) if tangent is not None and carries_derivatives(params[i])]
    if not places:
        return None
    values = tuple(params[i] for i in places)
    directions = tuple(t for t in (tangents[i] for i in places) if t is not None)
    return push(partial_function(function, params, places), values, directions)
