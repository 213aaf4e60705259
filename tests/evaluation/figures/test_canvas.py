import math

import matplotlib
from synthetic_result import result

from neuralpde.evaluation.figures.canvas import canvas, lines, png, positive, tidy
from neuralpde.grids import Grid


def test_settings_do_not_leak():
    before = dict(matplotlib.rcParams)
    with canvas(2, 2) as figure:
        tidy(figure.subplots(), title="t", xlabel="x", ylabel="y")
        assert matplotlib.rcParams["axes.grid"]
    assert dict(matplotlib.rcParams) == before


def test_equal_figures_are_equal_bytes():
    def draw() -> bytes:
        with canvas(2, 2) as figure:
            figure.subplots().plot([0, 1], [0, 1])
            return png(figure)

    assert draw() == draw()


def test_network_is_drawn_last_and_every_method_has_its_look():
    drawn = lines(result(Grid((16,))))
    assert drawn[-1].method.kind == "network"
    assert len({(line.color, line.style) for line in drawn}) == len(drawn)


def test_gaps_for_logarithms():
    values = positive([1.0, 0.0, None, -2.0])
    assert values[0] == 1.0
    assert all(math.isnan(v) for v in values[1:])
