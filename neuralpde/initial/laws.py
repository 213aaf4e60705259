"""Laws: what to draw for one trajectory, from an explicit generator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from neuralpde.initial.profiles import Profile

__all__ = ["Choice", "Constant", "Law", "Uniform", "stack_draws"]


class Law(Protocol):
    """A distribution: called with a generator, it returns a float or a :class:`Profile` of one trajectory."""

    def __call__(self, generator: torch.Generator) -> Any:
        """One draw."""
        ...


@dataclass(frozen=True)
class Uniform:
    """A number uniform on [low, high).

    Args:
        low: left end.
        high: right end, not below ``low``.

    Raises:
        ValueError: ``high`` is below ``low``.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if self.high < self.low:
            raise ValueError(f"Uniform: needs high >= low, got low={self.low} and high={self.high}; swap them.")

    def __call__(self, generator: torch.Generator) -> float:
        """One draw."""
        return self.low + (self.high - self.low) * torch.rand((), generator=generator, dtype=torch.float64).item()


@dataclass(frozen=True)
class Constant:
    """Always the same number; consumes no randomness."""

    value: float

    def __call__(self, generator: torch.Generator) -> float:
        """One draw."""
        del generator
        return float(self.value)


@dataclass(frozen=True)
class Choice:
    """One of several numbers with equal probability, such as the boundary flags (0, 1).

    Raises:
        ValueError: nothing to choose from.
    """

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(float(v) for v in self.values))
        if not self.values:
            raise ValueError("Choice: needs at least one value, got none; list the values to choose from.")

    def __call__(self, generator: torch.Generator) -> float:
        """One draw."""
        return self.values[int(torch.randint(len(self.values), (), generator=generator))]


def stack_draws(draws: Sequence[Any]) -> Tensor | Profile:
    """Draws of one law, merged into a batch: numbers to a float64 ``(batch,)`` tensor, profiles to one profile.

    Raises:
        ValueError: there are no draws.
        TypeError: a draw is neither a number nor a profile.
    """
    if not draws:
        raise ValueError("stack_draws: needs at least one draw, got none; draw for at least one trajectory.")
    if isinstance(draws[0], Profile):
        return type(draws[0]).stack(draws)
    if not all(isinstance(draw, (int, float)) for draw in draws):
        kinds = sorted({type(draw).__name__ for draw in draws})
        raise TypeError(f"stack_draws: needs numbers or profiles of one class, got {kinds}; let the law return a float or a Profile.")
    return torch.tensor([float(draw) for draw in draws], dtype=torch.float64)
