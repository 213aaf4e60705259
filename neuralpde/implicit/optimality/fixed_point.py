"""Fixed points as roots."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from torch.utils import _pytree as pytree

__all__ = ["fixed_point_residual"]


def fixed_point_residual(T: Callable[..., Any]) -> Callable[..., Any]:
    r"""T(x, θ) − x, the function whose roots are the fixed points of T.

    Args:
        T: map; returns what has the structure of x.
    """

    def residual(x: Any, *args: Any, **kwargs: Any) -> Any:
        return pytree.tree_map(lambda new, old: new - old, T(x, *args, **kwargs), x)

    functools.update_wrapper(residual, T)  # keeps the names of the arguments visible
    return residual
