"""Figures of a study of uncertainty."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuralpde.evaluation.figures.canvas import BASELINE, NETWORK, canvas, logarithmic, positive, tidy
from neuralpde.evaluation.uncertainty.result import Calibration, SourceResult, UncertaintyResult

__all__ = ["agreement_over_time", "calibration", "scatter"]

SHADES = ("#9ec5fe", "#3d8bfd", "#0a58ca", "#052c65")
"""From the first frame (light) to the last one (dark)."""


def scatter(result: UncertaintyResult) -> Figure:
    """True over cross-correlation time, one dot for each trajectory, one panel for each source; hollow where one of them never ended."""
    with canvas(4.2 * len(result.sources) + 0.4, 4.2) as figure:
        for axes, source in zip(figure.subplots(1, len(result.sources), sharex=True, sharey=True, squeeze=False)[0], result.sources, strict=True):
            _dots(axes, source)
            tidy(axes, title=source.name, xlabel="cross-correlation time (s)", ylabel="true correlation time (s)")
        return figure


def _dots(axes: Axes, source: SourceResult) -> None:
    points = list(zip(source.cross_time, source.true_time, source.censored, strict=True))
    for hidden in (False, True):
        chosen = [(x, y) for x, y, censored in points if censored is hidden]
        label = "one of them never ended" if hidden else "trajectories"
        if chosen:
            face = "none" if hidden else NETWORK
            axes.plot([x for x, _ in chosen], [y for _, y in chosen], "o", ms=4.5, mfc=face, mec=NETWORK, alpha=0.65, ls="none", label=label)
    end = max(max(source.cross_time), max(source.true_time))
    axes.plot([0, end], [0, end], color=BASELINE, ls=":", lw=1.2, label="equal")
    if source.fit is not None:
        fit = source.fit
        axes.plot([0, end], [fit.intercept, fit.intercept + fit.slope * end], color="#b34700", lw=1.4, label=f"r² = {fit.r_squared:.3f}, slope {fit.slope:.3f}")
    axes.legend(loc="upper left")


def agreement_over_time(result: UncertaintyResult) -> Figure:
    """Correlation between samples (broken) and with the reference (solid) against time, mean over trajectories, one panel for each source."""
    with canvas(4.2 * len(result.sources) + 0.4, 3.8) as figure:
        for axes, source in zip(figure.subplots(1, len(result.sources), sharex=True, sharey=True, squeeze=False)[0], result.sources, strict=True):
            for values, style, label in ((source.true_correlation, "-", "with the reference"), (source.cross_correlation, "--", "between samples")):
                axes.plot(result.times, _gaps(values), color=NETWORK, ls=style, lw=1.8, label=label)
            axes.axhline(result.settings["threshold"], color=BASELINE, ls=":", lw=1.0)
            axes.legend(loc="lower left")
            tidy(axes, title=source.name, xlabel="time (s)", ylabel="correlation, mean")
        return figure


def calibration(result: UncertaintyResult) -> Figure | None:
    """Spread (broken) and error (solid) by wavenumber at several times, and their ratio by wavenumber; one row for each source.

    None without spectra.
    """
    calibrated = [(source, source.calibration) for source in result.sources if source.calibration is not None]
    if not calibrated:
        return None
    with canvas(9.5, 3.6 * len(calibrated) + 0.3) as figure:
        for (left, right), (source, found) in zip(figure.subplots(len(calibrated), 2, squeeze=False), calibrated, strict=True):
            _spectra(left, found)
            _ratios(right, found)
            tidy(left, title=f"{source.name}: error and spread", xlabel="wavenumber shell k", ylabel="energy per shell")
            tidy(right, title="spread / error", xlabel="wavenumber shell k", ylabel="ratio (1: calibrated)")
        return figure


def _spectra(axes: Axes, found: Calibration) -> None:
    for time, error, spread, shade in zip(found.times, found.error, found.spread, SHADES, strict=False):
        axes.plot(range(len(error)), positive(error), color=shade, lw=1.6, label=f"error, {time:.3g} s")
        axes.plot(range(len(spread)), positive(spread), color=shade, lw=1.6, ls="--")
    logarithmic(axes)
    axes.plot([], [], color="black", ls="--", label="spread")
    axes.legend(loc="upper right")


def _ratios(axes: Axes, found: Calibration) -> None:
    for ratio, shade in zip(found.ratio, SHADES, strict=False):
        axes.plot(range(len(ratio)), positive(ratio), color=shade, lw=1.6)
    axes.axhline(1.0, color=BASELINE, ls=":", lw=1.2)
    logarithmic(axes)


def _gaps(values: list[float | None]) -> list[float]:
    return [float("nan") if v is None else v for v in values]
