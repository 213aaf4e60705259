import pytest
from synthetic_result import result

from neuralpde.evaluation.figures import error_over_time
from neuralpde.grids import Grid


def test_curves_are_those_of_the_result():
    found = result(Grid((16,)))
    left, right = error_over_time(found).axes
    drawn = {line.get_label(): line.get_ydata() for line in left.lines}
    assert set(drawn) == {m.name for m in found.methods}
    assert list(drawn["toy network"]) == pytest.approx([0.04] * 8)
    assert left.get_yscale() == "log"
    relative = {line.get_label(): list(line.get_ydata()) for line in right.lines}
    assert relative["toy network"] == pytest.approx([0.2 * 2**0.5] * 8)
    assert set(relative) == set(drawn)
