"""Observed order of accuracy: the log–log slope of an error."""

from __future__ import annotations

from collections.abc import Sequence

import torch

__all__ = ["slope", "slopes"]


def slope(sizes: Sequence[float], errors: Sequence[float]) -> float:
    """Least-squares slope of log(error) over log(size); a positive order for step sizes, a negative one for numbers of points."""
    x = torch.tensor(sizes, dtype=torch.float64).log()
    y = torch.tensor(errors, dtype=torch.float64).log()
    x = x - x.mean()
    return float((x * y).sum() / (x * x).sum())


def slopes(sizes: Sequence[float], errors: Sequence[float]) -> list[float]:
    """Slope between each pair of neighbours, to see where the asymptotic range begins and round-off ends it."""
    return [slope(sizes[i : i + 2], errors[i : i + 2]) for i in range(len(sizes) - 1)]
