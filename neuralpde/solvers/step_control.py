"""The choice of step sizes from embedded error estimates, each trajectory for itself."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["StepControl"]


@dataclass(frozen=True)
class StepControl:
    r"""Accept a step if  ‖e‖ = max over channels of rms((e)/(atol + rtol max(|u|, |u⁺|))) ≤ 1, and scale it by  0.9 ‖e‖^{−1/q}.

    The change of the step is kept within [0.2, 5], and a step that follows a rejection does not grow (Hairer, Nørsett & Wanner, *Solving
    Ordinary Differential Equations I*, 1993, eqs. II.4.11–4.13).

    Args:
        rtol: relative tolerance.
        atol: absolute tolerance.
        max_steps: attempts per output step before giving up.

    Raises:
        ValueError: a tolerance that is not positive.
    """

    rtol: float = 1e-6
    atol: float = 1e-6
    max_steps: int = 10_000

    def __post_init__(self) -> None:
        if self.rtol < 0 or self.atol <= 0 or self.max_steps < 1:
            raise ValueError(f"StepControl: needs rtol >= 0, atol > 0 and max_steps >= 1, got {self.rtol}, {self.atol}, {self.max_steps}; change them.")

    def norm(self, error: Tensor, before: Tensor, after: Tensor) -> Tensor:
        """Scaled error of each trajectory, ``(batch, channel, *space)`` → ``(batch,)``."""
        scale = self.atol + self.rtol * torch.maximum(before.abs(), after.abs())
        return (error / scale).square().flatten(2).mean(dim=2).amax(dim=1).sqrt()

    def factor(self, norm: Tensor, order: int, after_rejection: Tensor) -> Tensor:
        """Change of the step size, ``(batch,)``, for an error estimate that falls as step^order; NaN and infinity shrink it."""
        factor = (0.9 * norm.clamp(min=1e-10) ** (-1.0 / order)).clamp(0.2, 5.0)
        factor = torch.where(after_rejection, factor.clamp(max=1.0), factor)
        return torch.where(torch.isfinite(norm), factor, 0.2)

    def first_step(self, slope: Tensor, u: Tensor, span: float) -> Tensor:
        """A cautious first step from the size of the state and its slope: 1 % of ‖u‖/‖u′‖, at most the whole span, ``(batch,)``."""
        size, rate = self.norm(u, u, u), self.norm(slope, u, u)
        return torch.where(rate > 0, 0.01 * size.clamp(min=1e-5) / rate.clamp(min=1e-300), span).clamp(max=span)
