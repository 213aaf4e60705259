"""Amplitude and error of the first prediction by wavenumber, refinement by refinement."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuralpde.evaluation.figures.canvas import NETWORK, canvas, legend, lines, logarithmic, positive, tidy
from neuralpde.evaluation.result import Result

__all__ = ["one_step_error"]

SHADES = ("#9ec5fe", "#6ea8fe", "#3d8bfd", "#0d6efd", "#0a58ca", "#084298", "#052c65")
"""Passes from the first (light) to the last but one; the last has the colour of the network."""


def one_step_error(result: Result) -> Figure | None:
    """Amplitude spectra of the first predicted frame (left) and of its error (right), one line for each pass; None without spectra.

    Of other networks the last pass is drawn. Where a line of the right panel reaches the reference (broken), nothing of that wavenumber is
    predicted.
    """
    spectra = result.network.one_step
    if spectra is None:
        return None
    with canvas(9.5, 3.8) as figure:
        left, right = figure.subplots(1, 2, sharey=True)
        for axes in (left, right):
            axes.plot(*_shells(spectra.reference), color="black", lw=1.6, ls=(0, (4, 2)), zorder=5, label="reference")
        _passes(left, spectra.passes)
        _passes(right, spectra.errors)
        for line in lines(result):
            other = line.method.one_step
            if other is not None and line.method is not result.network:
                for axes, amplitudes in ((left, other.passes), (right, other.errors)):
                    axes.plot(*_shells(amplitudes[-1]), color=line.color, lw=line.width, zorder=2.5, label=line.method.name)
        for axes in (left, right):
            logarithmic(axes)
        tidy(left, title="Amplitude after one step", xlabel="wavenumber shell k", ylabel="mean |FFT|")
        tidy(right, title="Amplitude of its error", xlabel="wavenumber shell k", ylabel="")
        legend(figure, left)
        return figure


def _passes(axes: Axes, amplitudes: Sequence[list[float | None]]) -> None:
    last = len(amplitudes) - 1
    for k, amplitude in enumerate(amplitudes):
        color, width = (NETWORK, 2.2) if k == last else (SHADES[min(k, len(SHADES) - 1)], 1.5)
        axes.plot(*_shells(amplitude), color=color, lw=width, zorder=3 + k / 10, label=_name(k, last))


def _name(k: int, last: int) -> str:
    if last == 0:
        return "prediction"
    return "initial prediction" if k == 0 else f"refinement {k}"


def _shells(values: list[float | None]) -> tuple[range, list[float]]:
    """Shells and amplitudes without the mean, which is often conserved exactly and would squeeze the scale."""
    return range(1, len(values)), positive(values[1:])
