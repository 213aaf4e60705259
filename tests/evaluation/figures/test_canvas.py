import math
from dataclasses import replace

import matplotlib
from synthetic_result import result

from neuralpde.evaluation.figures.canvas import canvas, legend, lines, png, positive, tidy
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
    found = result(Grid((16,)))
    rival = replace(found.network, name="rival")
    drawn = lines(replace(found, methods=(found.network, rival, rival, *found.methods[1:])))
    assert drawn[-1].method is found.network
    assert drawn[-1].method.kind == "network"
    assert len({(line.color, line.style) for line in drawn}) == len(drawn)


def test_gaps_for_logarithms():
    values = positive([1.0, 0.0, None, -2.0])
    assert values[0] == 1.0
    assert all(math.isnan(v) for v in values[1:])


def test_long_names_get_fewer_columns():
    with canvas(6, 3) as figure:
        axes = figure.subplots()
        for name in ("a", "b", "c"):
            axes.plot([0, 1], [0, 1], label=name)
        legend(figure, axes)
        axes.plot([0, 1], [0, 1], label="a name that is far too long to stand beside any other one in a row")
        legend(figure, axes)
    short, long = figure.legends
    assert short._ncols > 3
    assert long._ncols == 1
    assert [text.get_text() for text in long.get_texts()][:3] == ["a", "b", "c"]
