"""What an iterative solve says about itself, and what happens when it did not converge."""

from __future__ import annotations

import warnings
from typing import Literal

import torch
from torch import Tensor

__all__ = ["ConvergenceError", "ConvergenceWarning", "OnFailure", "report_failure"]

OnFailure = Literal["warn", "raise", "ignore"]
"""What to do about a solve that did not converge; its numbers are returned in every case."""


class ConvergenceWarning(UserWarning):
    """A solve stopped before its tolerance; the solution, or the derivative made from it, is approximate."""


class ConvergenceError(RuntimeError):
    """A solve stopped before its tolerance, and the caller asked for an error."""


def report_failure(who: str, converged: Tensor, residual: Tensor, tolerance: float, advice: str, on_failure: OnFailure) -> None:
    """Warn or raise if some sample did not converge.

    Args:
        who: name of the solver, first word of the sentence.
        converged: ``(*batch,)`` booleans; NaN counts as not converged because every comparison with it is false.
        residual: ``(*batch,)`` what was compared with ``tolerance``.
        tolerance: what the residual should have met.
        advice: what to do about it.
        on_failure: ``"warn"``, ``"raise"`` or ``"ignore"``.

    Raises:
        ConvergenceError: with ``on_failure="raise"``.
    """
    if on_failure == "ignore" or bool(converged.all()):
        return
    worst = float(torch.where(converged, -torch.inf, residual.nan_to_num(nan=torch.inf)).max())
    count = f"{int((~converged).sum())} of {converged.numel()} systems"
    sentence = f"{who}: expected a residual of at most {tolerance:.1e}, got {worst:.1e} for {count}; {advice}."
    if on_failure == "raise":
        raise ConvergenceError(sentence)
    warnings.warn(sentence, ConvergenceWarning, stacklevel=3)
