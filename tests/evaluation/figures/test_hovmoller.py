from dataclasses import replace

import numpy as np
import pytest
import torch
from synthetic_result import DT, result

from neuralpde.evaluation.figures import hovmoller, png
from neuralpde.evaluation.figures.hovmoller import parting_time
from neuralpde.grids import Grid, PointSet

GRID = Grid((16,))


def panels(figure):
    """Colour meshes by row and column, without colour bars."""
    return np.array([axes for axes in figure.axes if axes.get_label() != "<colorbar>"]).reshape(3, -1)


def test_panels_show_reference_prediction_and_error_over_time():
    found = result(GRID)
    figure = hovmoller(found)
    assert figure is not None
    for column, example in zip(panels(figure).T, found.examples, strict=True):
        ref, pred = example.ref[:, 0].T.numpy(), example.pred[:, 0].T.numpy()
        for axes, expected in zip(column, (ref, pred, pred - ref), strict=True):
            np.testing.assert_allclose(np.asarray(axes.collections[0].get_array()), expected)
        assert column[0].collections[0].get_clim() == column[1].collections[0].get_clim() == (-np.abs(ref).max(), np.abs(ref).max())
    corners = panels(figure)[0, 0].collections[0].get_coordinates()
    centres = (corners[0, 1:, 0] + corners[0, :-1, 0]) / 2
    np.testing.assert_allclose(centres, found.times)
    assert panels(figure)[0, 0].get_title(loc="left").startswith("best: no. 0")


def test_a_trajectory_with_its_own_step_has_its_own_axis():
    found = result(GRID)
    own = replace(found, examples=(replace(found.examples[0], step=3 * DT),))
    corners = panels(hovmoller(own))[0, 0].collections[0].get_coordinates()
    np.testing.assert_allclose((corners[0, 1:, 0] + corners[0, :-1, 0]) / 2, [3 * t for t in found.times])


def test_parting_is_marked_where_the_correlation_is_lost():
    found = result(GRID)
    pred = found.examples[0].ref.clone()
    pred[5:] *= -1
    lost = replace(found.examples[0], pred=pred)
    assert parting_time(found, lost) == pytest.approx(5 * DT)
    assert parting_time(found, found.examples[0]) is None
    column = panels(hovmoller(replace(found, examples=(lost,))))[:, 0]
    assert [[float(line.get_xdata()[0]) for line in axes.lines] for axes in column] == [[], [5 * DT], [5 * DT]]


def test_points_are_sorted():
    found = result(GRID)
    order = torch.randperm(16, generator=torch.Generator().manual_seed(0))
    points = PointSet(GRID.points()[order])
    examples = tuple(replace(e, ref=e.ref[..., order], pred=e.pred[..., order]) for e in found.examples)
    shuffled, plain = hovmoller(replace(found, domain=points, examples=examples)), hovmoller(found)
    np.testing.assert_array_equal(shuffled.axes[0].collections[0].get_array(), plain.axes[0].collections[0].get_array())


def test_a_prediction_that_blew_up_is_drawn():
    found = result(GRID)
    pred = found.examples[0].pred.clone()
    pred[3:] = torch.nan
    assert png(hovmoller(replace(found, examples=(replace(found.examples[0], pred=pred, error=None),))))


def test_nothing_to_draw():
    assert hovmoller(replace(result(GRID), domain=None)) is None
    assert hovmoller(result(Grid((8, 8)))) is None
