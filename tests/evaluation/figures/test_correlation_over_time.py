from dataclasses import replace

import numpy as np
import pytest
from synthetic_result import DT, result

from neuralpde.evaluation.figures import correlation_over_time
from neuralpde.evaluation.result import Curve
from neuralpde.grids import Grid

FALLING = [1.0, 0.95, 0.92, 0.85, 0.7, 0.6, 0.95, 0.5]


def falling(*, turbulent: bool = False):
    """A network whose averaged correlation falls below 0.9 in the frame of index 3 and below 0.8 in that of index 4."""
    found = result(Grid((16,)))
    curve = Curve(FALLING, [c - 0.1 for c in FALLING], FALLING, [c + 0.1 for c in FALLING])
    key, score = ("vorticity_correlation", "averaged_vorticity_correlation_time") if turbulent else ("pearson", "averaged_correlation_time")
    times = {f"{score}_0.8": 4 * DT, f"{score}_0.9": 3 * DT}
    network = replace(found.network, curves={**found.network.curves, key: curve}, set_scores={**found.network.set_scores, **times})
    return replace(found, methods=(network, *found.methods[1:]))


@pytest.mark.parametrize("turbulent", [False, True])
def test_mean_thresholds_and_crossings_are_drawn(turbulent):
    axes = correlation_over_time(falling(turbulent=turbulent)).axes[0]
    drawn = {line.get_label(): line for line in axes.lines}
    assert list(drawn["toy network"].get_ydata()) == FALLING
    assert list(drawn["toy network"].get_xdata()) == [DT * (k + 1) for k in range(8)]
    levels = [line.get_ydata()[0] for line in axes.lines if list(line.get_xdata()) == [0, 1]]
    assert levels == [0.8, 0.9]
    crossings = sorted((line.get_xdata()[0], line.get_ydata()[1]) for line in axes.lines if len(line.get_xdata()) == 2 and line.get_ydata()[0] == -0.1)
    assert crossings == [(3 * DT, 0.9), (4 * DT, 0.8)]
    assert [text.get_text() for text in axes.texts] == ["1 s", "0.75 s"]
    assert ("vorticity" in axes.get_ylabel()) is turbulent


def test_every_method_with_a_correlation_is_drawn():
    found = result(Grid((16,)))
    drawn = {line.get_label() for line in correlation_over_time(found).axes[0].lines}
    assert {m.name for m in found.methods} <= drawn
    constant = replace(found.methods[-1], curves={**found.methods[-1].curves, "pearson": Curve([None] * 8, [None] * 8, [None] * 8, [None] * 8)})
    drawn = {line.get_label() for line in correlation_over_time(replace(found, methods=(*found.methods[:-1], constant))).axes[0].lines}
    assert constant.name not in drawn


def test_a_rollout_that_never_parts_has_no_crossing():
    axes = correlation_over_time(result(Grid((16,)))).axes[0]
    assert not axes.texts
    band = axes.collections[0].get_paths()[0].vertices
    assert np.isfinite(band).all()
