"""Weights from which a solve starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from typing_extensions import override

__all__ = ["Constant", "FirstWeights", "OneExpert"]


class FirstWeights(Protocol):
    """Chooses the first weights of all experts. They receive no gradient, and the solution does not depend on them unless a solve has several."""

    value: float

    def __call__(self, like: Tensor, solved: Callable[[], Tensor]) -> Tensor:
        """First weights.

        Args:
            like: any tensor of the shape, type and device of the weights, ``(batch, experts, basis)``.
            solved: gives the weights of one constraint for the whole domain, which starts from ``value``, ``(batch, 1, basis)``; costs a solve.
        """
        ...


@dataclass(frozen=True)
class Constant(FirstWeights):
    """The same number for all.

    Args:
        value: that number.
    """

    value: float = 0.0

    @override
    def __call__(self, like: Tensor, solved: Callable[[], Tensor]) -> Tensor:
        del solved
        return torch.full_like(like, self.value)


@dataclass(frozen=True)
class OneExpert(FirstWeights):
    """A warm start: all experts begin where one constraint for the whole domain ends. Shares its solve with :class:`EqualResiduals`.

    Args:
        value: what that one begins from.
    """

    value: float = 0.0

    @override
    def __call__(self, like: Tensor, solved: Callable[[], Tensor]) -> Tensor:
        return solved().expand_as(like)
