"""The metric set of PDEBench, averaged exactly as its tables are."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from neuralpde.metrics.quadrature import check_pair, space_axes
from neuralpde.metrics.relative_errors import nrmse
from neuralpde.metrics.spectral_bands import AllModes, FirstQuadrant, fourier_bands, shell_errors

__all__ = ["PDEBenchScores", "boundary_rmse", "conserved_rmse", "pdebench"]


class PDEBenchScores(NamedTuple):
    """Scalars of one test set; see :func:`pdebench`."""

    rmse: Tensor
    nrmse: Tensor
    crmse: Tensor
    max_error: Tensor
    brmse: Tensor
    frmse_low: Tensor
    frmse_mid: Tensor
    frmse_high: Tensor


def conserved_rmse(pred: Tensor, ref: Tensor) -> Tensor:
    r"""√( mean_b ( ⟨p⟩ − ⟨q⟩ )² ), the error of the spatial mean with the mean over samples inside the root; ``(time, channel)``."""
    check_pair("conserved_rmse", pred, ref)
    return (pred - ref).mean(dim=space_axes(pred)).square().mean(dim=0).sqrt()


def boundary_rmse(pred: Tensor, ref: Tensor) -> Tensor:
    r"""Root mean square of the error on the outermost nodes of every axis; edges and corners enter once per face.

    Shape: ``(batch, time, channel, *space)`` twice → ``(batch, time, channel)``.
    """
    check_pair("boundary_rmse", pred, ref)
    squared = (pred - ref).square()
    faces = [squared.narrow(axis, end, 1).flatten(3) for axis in space_axes(pred) for end in (0, squared.shape[axis] - 1)]
    return torch.cat(faces, dim=-1).mean(dim=-1).sqrt()


def pdebench(pred: Tensor, ref: Tensor, *, modes: AllModes | FirstQuadrant | None = None, volume: float = 1.0) -> PDEBenchScores:
    r"""RMSE, nRMSE, cRMSE, largest error, boundary RMSE and Fourier RMSE of a test set, each averaged over channels and time at last.

    Args:
        pred: predicted trajectories, without the frames given to the model (older published numbers include those).
        ref: reference trajectories.
        modes: modes of the Fourier RMSE; :class:`FirstQuadrant` reproduces published values, the default counts every mode.
        volume: volume of the domain, a factor of the Fourier RMSE.

    Shape: ``(batch, time, channel, *space)`` twice → scalars.

    Limits: means over samples stand inside some roots, so the scores of a set are not the means of those of its parts. In one
    dimension :class:`AllModes` counts ±k as one shell; the published value counts it once, see :class:`FirstQuadrant`.

    Reference: Takamoto et al., PDEBench (2022), appendix B.
    """
    check_pair("pdebench", pred, ref)
    error, axes = pred - ref, space_axes(pred)
    low, mid, high = (fourier_bands(shell_errors(pred, ref, modes=modes).mean(dim=0)) * volume).flatten(0, 1).mean(dim=0)
    return PDEBenchScores(
        rmse=error.square().mean(dim=axes).sqrt().mean(),
        nrmse=nrmse(pred, ref).mean(),
        crmse=conserved_rmse(pred, ref).mean(),
        max_error=error.abs().amax(dim=(0, *axes)).mean(),
        brmse=boundary_rmse(pred, ref).mean(),
        frmse_low=low,
        frmse_mid=mid,
        frmse_high=high,
    )
