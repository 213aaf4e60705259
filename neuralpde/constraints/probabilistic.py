"""Conservation laws for predictions with an uncertainty."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Gaussian", "condition_on"]


class Gaussian(NamedTuple):
    """A normal distribution of a field's values.

    Attributes:
        mean: ``(batch, n)``.
        covariance: ``(batch, n, n)``, or variances of independent values, ``(batch, n)``.
    """

    mean: Tensor
    covariance: Tensor


def condition_on(prediction: Gaussian, functionals: Tensor, amounts: Tensor, *, noise: float = 0.0) -> Gaussian:
    r"""The prediction once G u = b is known up to noise:

        μ̃ = μ − Σ Gᵀ (σ² + G Σ Gᵀ)⁻¹ (G μ − b),    Σ̃ = Σ − Σ Gᵀ (σ² + G Σ Gᵀ)⁻¹ G Σ.

    The correction goes where the prediction is uncertain: a front, rather than the smooth parts. With σ = 0 the law holds exactly and twice is once. The result
    has a full covariance, since a known sum couples all values.

    Args:
        prediction: mean and covariance, for example from an ensemble.
        functionals: G, quadrature rows of the conserved amounts, ``(rows, n)`` or ``(batch, rows, n)``.
        amounts: b, ``(batch, rows)``.
        noise: σ ≥ 0, standard deviation with which the amounts are known.

    Shape: computed in float64 and cast back.

    Limits: n² numbers for each prediction, because of the full covariance; some thousand values.

    Raises:
        ValueError: a functional without variance and no noise: the prediction is certain of an amount and cannot be corrected.

    Reference: Hansen et al., "Learning physical models that can respect conservation laws", 2023, eqs. 9–10.
    """
    mean, covariance = prediction.mean.double(), prediction.covariance.double()
    g = functionals.to(mean).expand(len(mean), *functionals.shape[-2:])
    sigma_gt = covariance.unsqueeze(-1) * g.mT if covariance.ndim == 2 else covariance @ g.mT
    gram = g @ sigma_gt + noise**2 * torch.eye(g.shape[1], dtype=mean.dtype, device=mean.device)
    factor, info = torch.linalg.cholesky_ex(gram)
    if bool((info > 0).any()):
        raise ValueError(
            f"condition_on: G Σ Gᵀ needs to be positive definite, got a singular one for {int((info > 0).sum())} of {len(mean)} predictions; "
            "use independent functionals, or a positive noise."
        )
    gain = torch.cholesky_solve(sigma_gt.mT, factor).mT
    excess = (g @ mean.unsqueeze(-1)).squeeze(-1) - amounts.to(mean)
    full = torch.diag_embed(covariance) if covariance.ndim == 2 else covariance
    updated = full - gain @ sigma_gt.mT
    updated = 0.5 * (updated + updated.mT)
    return Gaussian((mean - (gain @ excess.unsqueeze(-1)).squeeze(-1)).to(prediction.mean), updated.to(prediction.covariance))
