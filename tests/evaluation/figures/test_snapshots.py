from dataclasses import replace

import numpy as np
import pytest
import torch
from synthetic_result import result

from neuralpde.evaluation.figures import snapshots
from neuralpde.grids import Grid, PointSet
from neuralpde.metrics import pearson, vorticity

GRID = Grid((8, 8))
PICKS = [0, 2, 5, 7]


def panels(figure):
    return np.array([axes for axes in figure.axes if axes.get_label() != "<colorbar>"]).reshape(3, -1)


def flow(found):
    """The same result with a velocity made of two random fields."""
    generator = torch.Generator().manual_seed(0)
    ref = torch.randn(8, 2, 8, 8, generator=generator)
    example = replace(found.examples[1], ref=ref, pred=ref + 0.1 * torch.randn(ref.shape, generator=generator))
    return replace(found, velocity=(0, 1), examples=(example,))


def test_columns_are_times_of_the_median_trajectory():
    found = result(GRID)
    grid_of_axes = panels(snapshots(found))
    example = found.examples[1]
    assert grid_of_axes.shape == (3, 4)
    for column, k in zip(grid_of_axes.T, PICKS, strict=True):
        ref, pred = example.ref[k, 0].T.numpy(), example.pred[k, 0].T.numpy()
        for axes, expected in zip(column, (ref, pred, pred - ref), strict=True):
            np.testing.assert_allclose(np.asarray(axes.collections[0].get_array()), expected)
        assert column[0].get_title(loc="left") == f"t = {found.times[k]:.3g} s, corr. 1.000"


def test_flows_show_their_vorticity_and_its_correlation():
    found = flow(result(GRID))
    example = found.examples[0]
    figure = snapshots(found)
    ref, pred = (vorticity(u[None].double(), GRID) for u in (example.ref, example.pred))
    for column, k in zip(panels(figure).T, PICKS, strict=True):
        np.testing.assert_allclose(np.asarray(column[0].collections[0].get_array()), ref[0, k, 0].T, rtol=1e-6)
        np.testing.assert_allclose(np.asarray(column[2].collections[0].get_array()), (pred - ref)[0, k, 0].T, atol=1e-6)
        assert column[0].get_title(loc="left").endswith(f"corr. {pearson(pred, ref)[0, k].item():.3f}")
    assert figure.get_suptitle().startswith("Vorticity, median: no. 1")


def test_points_are_scattered():
    found = result(GRID)
    found = replace(found, domain=PointSet(GRID.points()), examples=tuple(replace(e, ref=e.ref.flatten(2), pred=e.pred.flatten(2)) for e in found.examples))
    figure = snapshots(found)
    shown = panels(figure)[0, 0].collections[0]
    np.testing.assert_allclose(np.asarray(shown.get_array()), found.examples[1].ref[0, 0].numpy())
    np.testing.assert_allclose(np.asarray(shown.get_offsets()), GRID.points().numpy())


@pytest.mark.parametrize("grid", [Grid((16,)), Grid((4, 4, 4))])
def test_only_in_two_dimensions(grid):
    assert snapshots(result(grid)) is None
