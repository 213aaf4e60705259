"""Energy and error by wavenumber."""

from __future__ import annotations

from matplotlib.figure import Figure

from neuralpde.evaluation.figures.canvas import canvas, legend, lines, logarithmic, positive, tidy
from neuralpde.evaluation.result import Result

__all__ = ["spectra"]


def spectra(result: Result) -> Figure | None:
    """Energy of the predictions beside the reference (left) and energy of the error (right) per shell from k = 1; None without spectra."""
    drawn = [line for line in lines(result) if line.method.spectrum is not None and line.method.kind != "baseline"]
    if not drawn:
        return None
    with canvas(9.5, 3.8) as figure:
        left, right = figure.subplots(1, 2, sharey=True)
        reference = result.network.spectrum
        if reference is not None:
            left.plot(*_shells(reference.reference), color="black", lw=1.6, ls=(0, (4, 2)), zorder=5, label="reference")
        for line in drawn:
            assert line.method.spectrum is not None
            for axes, values in ((left, line.method.spectrum.energy), (right, line.method.spectrum.error)):
                axes.plot(*_shells(values), color=line.color, ls=line.style, lw=line.width, zorder=line.order, label=line.method.name)
        for axes in (left, right):
            logarithmic(axes, x=True)
        # Below round-off of single precision there is nothing to see, and it would squeeze the rest.
        left.set_ylim(bottom=max(left.get_ylim()[0], 1e-14 * left.get_ylim()[1]))
        tidy(left, title="Energy spectrum", xlabel="wavenumber shell k", ylabel="energy per shell, mean over frames")
        tidy(right, title="Spectrum of the error", xlabel="wavenumber shell k", ylabel="")
        legend(figure, left)
        return figure


def _shells(values: list[float | None]) -> tuple[range, list[float]]:
    """Shells and energies without the mean, k = 0, which has no place on a logarithmic axis."""
    return range(1, len(values)), positive(values[1:])
