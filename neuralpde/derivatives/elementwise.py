"""Slopes of functions of one variable."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["value_and_slope"]


def value_and_slope(function: Callable[[Tensor], Tensor], z: Tensor) -> tuple[Tensor, Tensor]:
    """f(z) and f′(z) of an elementwise function; both can be differentiated further if ``z`` can.

    Reverse rather than forward mode, because forward mode imports deprecated parts of torch and warns.
    """
    attached = z.requires_grad and torch.is_grad_enabled()
    with torch.enable_grad():
        point = z if attached else z.detach().requires_grad_()
        value = function(point)
        (slope,) = torch.autograd.grad(value.sum(), point, create_graph=attached, materialize_grads=True, allow_unused=True, retain_graph=True)
    return (value, slope) if attached else (value.detach(), slope)
