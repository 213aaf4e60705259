"""The metrics of the default report, with the definitions it prints."""

from __future__ import annotations

from functools import partial

from torch import Tensor

from neuralpde import metrics
from neuralpde.evaluation.metric import Comparison, Metric

__all__ = ["correlation_time_metric", "standard_metrics"]


def _accumulated_error(c: Comparison) -> Tensor:
    return metrics.accumulated_error(c.pred, c.ref)


def _rmse(c: Comparison) -> Tensor:
    return metrics.rmse(c.pred, c.ref, weights=c.weights)


def _nrmse(c: Comparison) -> Tensor:
    return metrics.nrmse(c.pred, c.ref, weights=c.weights)


def _relative_l2(c: Comparison) -> Tensor:
    return metrics.relative_l2(c.pred, c.ref, weights=c.weights)


def _vrmse(c: Comparison) -> Tensor:
    return metrics.vrmse(c.pred, c.ref, weights=c.weights)


def _max_error(c: Comparison) -> Tensor:
    return metrics.max_error(c.pred, c.ref)


def _pearson(c: Comparison) -> Tensor:
    return metrics.pearson(c.pred, c.ref, weights=c.weights)


def _correlation_time(c: Comparison, *, threshold: float) -> metrics.CrossingTime:
    return metrics.correlation_time(metrics.pearson(c.pred, c.ref, weights=c.weights), threshold=threshold, dt=c.seconds)


def _vorticity_correlation(c: Comparison) -> Tensor:
    return metrics.pearson(*c.vorticities)


def _vorticity_correlation_time(c: Comparison, *, threshold: float) -> metrics.CrossingTime:
    return metrics.correlation_time(_vorticity_correlation(c), threshold=threshold, dt=c.seconds)


def _survival_time(c: Comparison) -> metrics.CrossingTime:
    return metrics.survival_time(c.pred, c.ref, dt=c.seconds, weights=c.weights)


def _mass_drift(c: Comparison) -> Tensor:
    return (metrics.mass_drift(c.pred, c.start, weights=c.weights) - metrics.mass_drift(c.ref, c.start, weights=c.weights)).abs()


def _energy_drift(c: Comparison) -> Tensor:
    return (metrics.energy_drift(c.pred, c.start, weights=c.weights) - metrics.energy_drift(c.ref, c.start, weights=c.weights)).abs()


def _band(c: Comparison, *, band: int) -> Tensor:
    return metrics.fourier_bands(metrics.shell_errors(c.pred, c.ref))[..., band].mean(dim=-1)


def correlation_time_metric(threshold: float) -> Metric:
    """The high-correlation time at one threshold."""
    return Metric(
        f"correlation_time_{threshold:g}",
        f"dt times the frames before the Pearson correlation first falls below {threshold:g}; per trajectory, censored at the end of the rollout",
        partial(_correlation_time, threshold=threshold),
        larger_is_better=True,
    )


def _vorticity_correlation_time_metric(threshold: float) -> Metric:
    return Metric(
        f"vorticity_correlation_time_{threshold:g}",
        f"dt times the frames before the Pearson correlation of the vorticity first falls below {threshold:g}; per trajectory, censored likewise",
        partial(_vorticity_correlation_time, threshold=threshold),
        larger_is_better=True,
        turbulent=True,
    )


def standard_metrics() -> tuple[Metric, ...]:
    """The metrics of the default report; errors first.

    Means over space use quadrature weights on bounded grids, except for the accumulated error, which counts every node alike.
    """
    bands = (("low", "0-3"), ("mid", "4-11"), ("high", "12 and up"))
    return (
        Metric("accumulated_error", "sum over predicted frames of the mean over nodes (and channels) of (p - q)^2; not normalised", _accumulated_error),
        Metric("rmse", "sqrt(mean over space of (p - q)^2), mean over channels and frames", _rmse),
        Metric("nrmse", "sqrt(mean over space of (p - q)^2 / mean over space of q^2), mean over channels and frames", _nrmse),
        Metric("relative_l2", "norm(p - q) / norm(q) over channels and space, mean over frames", _relative_l2),
        Metric("vrmse", "sqrt(mean over space of (p - q)^2 / (unbiased variance of q + 1e-7)), mean over channels and frames", _vrmse),
        Metric("max_error", "largest |p - q| over space, mean over channels and frames", _max_error),
        Metric("pearson", "Pearson correlation over space per channel, mean over channels and frames", _pearson, larger_is_better=True),
        *(correlation_time_metric(threshold) for threshold in (0.8, 0.9, 0.95)),
        Metric(
            "vorticity_correlation",
            "Pearson correlation over space of the vorticity of the velocity channels, mean over frames",
            _vorticity_correlation,
            larger_is_better=True,
            turbulent=True,
        ),
        *(_vorticity_correlation_time_metric(threshold) for threshold in (0.8, 0.9, 0.95)),
        Metric(
            "survival_time",
            "dt times the frames before (mean over space of |p - q|) / max |q| first exceeds 0.1; per trajectory, censored at the end of the rollout",
            _survival_time,
            larger_is_better=True,
        ),
        Metric("mass_drift", "|drift of p - drift of q|, drift = |mean u(t) - mean u(start)| / rms of u(start), mean over frames", _mass_drift),
        Metric("energy_drift", "|E_p(t) - E_q(t)| / E(start) with E the mean square over space summed over channels, mean over frames", _energy_drift),
        *(
            Metric(
                f"fourier_rmse_{name}",
                f"mean over wavenumber shells {shells} of sqrt(sum over modes of |FFT(p - q)|^2 / S^2), all modes, mean over channels and frames",
                partial(_band, band=index),
                spectral=True,
            )
            for index, (name, shells) in enumerate(bands)
        ),
    )
