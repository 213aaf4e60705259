"""Many tridiagonal systems at once."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["solve_tridiagonal"]


def solve_tridiagonal(lower: Tensor, diagonal: Tensor, upper: Tensor, b: Tensor) -> Tensor:
    r"""x with  lowerᵢ xᵢ₋₁ + diagonalᵢ xᵢ + upperᵢ xᵢ₊₁ = bᵢ, by parallel cyclic reduction.

    log₂ n sweeps, each of which couples every row to rows twice as far away, in place of n sequential steps: all rows and all systems are
    treated at once.

    Args:
        lower: entries left of the diagonal; the first one is ignored.
        diagonal: the diagonal.
        upper: entries right of the diagonal; the last one is ignored.
        b: right-hand side.

    Shape: ``(..., n)`` four times → ``(..., n)``.

    Limits: no pivoting; stable for diagonally dominant matrices, such as those of implicit diffusion. A zero pivot gives NaN.

    Reference: Hockney & Jesshope, *Parallel Computers* (1981), section 5.4.2.
    """
    n = diagonal.shape[-1]
    inner = torch.ones(n, dtype=diagonal.dtype, device=diagonal.device)
    lower, upper = lower * inner.index_fill(0, inner.new_zeros(1, dtype=torch.long), 0.0), upper * inner.index_fill(0, inner.new_full((1,), n - 1).long(), 0.0)
    reach = 1
    while reach < n:
        # Rows beyond the ends are those of the identity, so that nothing comes from there.
        before = [F.pad(v, (reach, 0), value=fill)[..., :n] for v, fill in ((lower, 0.0), (diagonal, 1.0), (upper, 0.0), (b, 0.0))]
        after = [F.pad(v, (0, reach), value=fill)[..., reach:] for v, fill in ((lower, 0.0), (diagonal, 1.0), (upper, 0.0), (b, 0.0))]
        left, right = -lower / before[1], -upper / after[1]
        diagonal = diagonal + left * before[2] + right * after[0]
        b = b + left * before[3] + right * after[3]
        lower, upper = left * before[0], right * after[2]
        reach *= 2
    return b / diagonal
