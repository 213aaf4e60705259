"""Pure functions that compare trajectories ``(batch, time, channel, *space)``; a number per trajectory or per frame, never a mean of means."""

from neuralpde.metrics.calibration import SpreadSpectrum, band_ratios, spread_error_ratio, spread_spectrum
from neuralpde.metrics.conservation import energy_drift, mass_drift
from neuralpde.metrics.correlation import cosine_similarity, pearson, pooled_pearson, the_well_pearson
from neuralpde.metrics.correlation_time import CrossingTime, averaged_correlation_time, correlation_time, first_failure, high_correlation_frames
from neuralpde.metrics.cross_correlation import cross_correlation
from neuralpde.metrics.errors import accumulated_error, max_error, mean_squared_error, rmse
from neuralpde.metrics.line_fit import LineFit, line_fit
from neuralpde.metrics.pdearena import scaled_l2, summed_mse
from neuralpde.metrics.pdebench import PDEBenchScores, boundary_rmse, conserved_rmse, pdebench
from neuralpde.metrics.quadrature import quadrature_weights, space_mean
from neuralpde.metrics.relative_errors import nrmse, relative_l2, vrmse
from neuralpde.metrics.spectral_bands import AllModes, FirstQuadrant, binned_spectral_mse, fourier_bands, shell_errors
from neuralpde.metrics.spectrum import amplitude_spectrum, energy_spectrum
from neuralpde.metrics.survival import max_normalised_l1, survival_time
from neuralpde.metrics.vorticity import vorticity

__all__ = [
    "AllModes",
    "CrossingTime",
    "FirstQuadrant",
    "LineFit",
    "PDEBenchScores",
    "SpreadSpectrum",
    "accumulated_error",
    "amplitude_spectrum",
    "averaged_correlation_time",
    "band_ratios",
    "binned_spectral_mse",
    "boundary_rmse",
    "conserved_rmse",
    "correlation_time",
    "cosine_similarity",
    "cross_correlation",
    "energy_drift",
    "energy_spectrum",
    "first_failure",
    "fourier_bands",
    "high_correlation_frames",
    "line_fit",
    "mass_drift",
    "max_error",
    "max_normalised_l1",
    "mean_squared_error",
    "nrmse",
    "pdebench",
    "pearson",
    "pooled_pearson",
    "quadrature_weights",
    "relative_l2",
    "rmse",
    "scaled_l2",
    "shell_errors",
    "space_mean",
    "spread_error_ratio",
    "spread_spectrum",
    "summed_mse",
    "survival_time",
    "the_well_pearson",
    "vorticity",
    "vrmse",
]
