import pytest
from synthetic_result import result

from neuralpde.evaluation.figures import spectra
from neuralpde.grids import Grid


def test_reference_and_methods_are_drawn():
    figure = spectra(result(Grid((16,))))
    assert figure is not None
    labels = [line.get_label() for line in figure.axes[0].lines]
    assert labels == ["reference", "classical fine", "classical coarse", "toy network"]
    assert len(figure.axes[1].lines) == 3
    assert list(figure.axes[0].lines[0].get_xdata()) == list(range(1, 9))
    assert figure.axes[0].lines[0].get_ydata()[0] == pytest.approx(0.5)


def test_nothing_on_chebyshev_nodes():
    assert spectra(result(Grid((16,), periodic=False, nodes="chebyshev"))) is None
