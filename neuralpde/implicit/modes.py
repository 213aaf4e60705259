"""Pulling back and pushing forward through a function of some of its arguments, inside derivative rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from neuralpde.implicit.levels import carries_derivatives

__all__ = ["pull_params", "push", "push_params"]


def push(function: Callable[..., Tensor], values: tuple[Tensor, ...], directions: tuple[Tensor, ...]) -> Tensor:
    """Directional derivative of ``function`` at ``values``.

    Forward mode where it can be had. It cannot inside ``torch.autograd.forward_ad.dual_level()``, which does not nest, nor through operations without a
    forward derivative; there the transposed of the transposed Jacobian does it.
    """
    try:
        return torch.func.jvp(function, values, directions)[1]
    except RuntimeError:  # an error of the function itself comes again below
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
